"""What this copy was built from; packaging writes the commit and the time here."""

COMMIT = "source"
TIME = "unknown"
