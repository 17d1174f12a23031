"""Moving and checking: one place's objects made another's, or compared with them. Knows backends, no HTTP."""
