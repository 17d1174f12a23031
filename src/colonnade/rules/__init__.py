"""What S3 says, apart from where anything is kept: pure rules that every backend shares."""
