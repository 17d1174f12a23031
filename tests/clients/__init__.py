"""Clients that people use, run against a live server."""
