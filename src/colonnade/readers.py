"""How much of a file is read at a time: less while many files are being read.

What its client hasn't taken waits in memory: a piece here, two on their way to the HTTP engine, and in that as many as
fit into its write buffer, sixteen at most (0.4 MiB). So the memory of slow clients is their number times the piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

#: Bytes in the next pieces of all readers of this process together, as long as none would be below LEAST.
ALL = 2 * 1024 * 1024

#: Bytes of the smallest piece: what many readers' memory then costs is said by this, what they cost in time too.
LEAST = 16 * 1024

_reading: set[object] = set()


@contextmanager
def reading() -> Iterator[None]:
    """While a file is being read."""
    reader = object()
    _reading.add(reader)
    try:
        yield
    finally:
        _reading.discard(reader)


def piece(most: int) -> int:
    """Bytes to read at a time just now, `most` if few read."""
    return min(most, max(LEAST, ALL // max(1, len(_reading)) // LEAST * LEAST))
