"""Files, flags and environment, checked, and what they make: a backend wrapped in its layers.

Only the command line imports this package; nothing else knows how a gateway came by its settings.
"""
