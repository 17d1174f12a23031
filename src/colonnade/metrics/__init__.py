"""What is counted of requests, for those who watch many machines."""
