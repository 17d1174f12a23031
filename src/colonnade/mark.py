"""A mark in memory that all workers of a gateway share, by which one tells the others that something has changed.

What is shared through the disk needs no mark to be right in the end; with one, who remembers it sees a change by
another worker with the next request, and need not look at the disk each time.
"""

from __future__ import annotations

import mmap
import os

_SIZE = 16


class Mark:
    """Changes whenever somebody says so. Shared with every process that is forked later."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE)

    def value(self) -> bytes:
        """What it is now: to be read before what it is about."""
        return self._memory[:_SIZE]

    def change(self) -> None:
        """Make it another: to be done after what it is about has changed, and before anybody is told."""
        self._memory[:_SIZE] = os.urandom(_SIZE)
