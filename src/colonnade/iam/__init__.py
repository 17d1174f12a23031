"""Accounts and where they live."""
