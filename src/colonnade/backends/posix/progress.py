"""That something moves: said by whoever works long on one request, heard by the watch over stalled filesystems."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar

_hearer: ContextVar[Callable[[], None] | None] = ContextVar("progress", default=None)

hear = _hearer.set


def made() -> None:
    """Say that the filesystem has answered just now."""
    hearer = _hearer.get()
    if hearer is not None:
        hearer()
