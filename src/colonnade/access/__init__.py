"""May this caller do that? Knows callers and operations, no backend and no HTTP."""

from colonnade.access.decide import check

__all__ = ["check"]
