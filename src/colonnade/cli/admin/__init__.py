"""``colonnade admin``: what an administrator asks of a running gateway."""
