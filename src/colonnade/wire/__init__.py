"""S3 over HTTP: requests into calls, answers and errors back. Knows no backend."""
