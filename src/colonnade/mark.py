"""A mark in memory that all workers of a gateway share, by which one tells the others that something has changed.

What is shared through the disk needs no mark to be right in the end; with one, who remembers it sees a change by
another worker with the next request, and need not look at the disk each time.
"""

from __future__ import annotations

import mmap
import os
import zlib

_SIZE = 16

#: Places for names: two of the same place are told of each other's changes.
_PLACES = 1024


class Mark:
    """Changes whenever somebody says so, as a whole and for a name. Shared with every process that is forked later."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _SIZE * (1 + _PLACES))

    def value(self, name: str | None = None) -> bytes:
        """What it is now, or what that of a name is: to be read before what it is about."""
        if name is None:
            return self._memory[:_SIZE]
        start = _place(name)
        return self._memory[start : start + _SIZE]

    def all(self) -> bytes:
        """What it is now, of whatever name: for `changed`."""
        return self._memory[:]

    def changed(self, before: bytes, name: str) -> bool:
        """Whether that of a name is another than it was when all was `before`."""
        start = _place(name)
        return self._memory[start : start + _SIZE] != before[start : start + _SIZE]

    def change(self, name: str | None = None) -> None:
        """Make it another, and that of a name: to be done after what it is about, before anybody is told."""
        for start in sorted({_place(name), 0}, reverse=True):  # who sees the whole changed finds the name's changed
            self._memory[start : start + _SIZE] = os.urandom(_SIZE)


def _place(name: str | None) -> int:
    return 0 if name is None else _SIZE * (1 + zlib.crc32(name.encode(errors="surrogatepass")) % _PLACES)
