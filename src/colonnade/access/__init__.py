"""May this caller do that? Knows callers and operations, no backend and no HTTP."""

from colonnade.access.decide import check, may_bypass_governance

__all__ = ["check", "may_bypass_governance"]
