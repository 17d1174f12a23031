"""O_DIRECT: bodies past the page cache, for disks that are quicker than it. Best effort: else as without.

The kernel wants offsets, lengths and memory in whole blocks, so bytes go through a buffer of their own.
"""

from __future__ import annotations

import fcntl
import mmap
import os
from collections.abc import Iterator, Sequence

from colonnade.body import FileBody

#: Blocks of every disk are this large at most.
ALIGNED = 4096


def switch(fd: int, *, on: bool) -> bool:
    """Turn O_DIRECT on or off for an open file; whether that is so now."""
    flags = fcntl.fcntl(fd, fcntl.F_GETFL)
    try:
        fcntl.fcntl(fd, fcntl.F_SETFL, flags | os.O_DIRECT if on else flags & ~os.O_DIRECT)
    except OSError:
        return not on
    return True


class Writer:
    """Writes a file from its beginning in whole blocks, and its rest at the end through the page cache."""

    def __init__(self, fd: int, size: int) -> None:
        self._fd = fd
        self._buffer = mmap.mmap(-1, max(size - size % ALIGNED, ALIGNED))
        self._filled = 0
        self._written = 0
        self._direct = switch(fd, on=True)

    def write(self, pieces: Sequence[bytes]) -> None:
        """Append the pieces. Raises OSError."""
        for piece in pieces:
            view = memoryview(piece)
            while view:
                count = min(len(view), len(self._buffer) - self._filled)
                self._buffer[self._filled : self._filled + count] = view[:count]
                self._filled += count
                view = view[count:]
                if self._filled == len(self._buffer):
                    self._flush(self._filled)

    def _flush(self, count: int) -> None:
        """Write the first bytes of the buffer, and move the rest to its beginning."""
        with memoryview(self._buffer) as view:
            done = 0
            while done < count:
                try:
                    done += os.pwrite(self._fd, view[done:count], self._written + done)
                except OSError:
                    if not self._direct:
                        raise
                    self._direct = not switch(self._fd, on=False)  # this filesystem won't have it after all
                    if self._direct:
                        raise
        self._written += count
        rest = self._filled - count
        self._buffer.move(0, count, rest)
        self._filled = rest

    def finish(self) -> None:
        """Write what is left. Raises OSError."""
        whole = self._filled - self._filled % ALIGNED
        if whole:
            self._flush(whole)
        if self._direct:
            self._direct = not switch(self._fd, on=False)
        if self._filled:
            self._flush(self._filled)
        os.lseek(self._fd, self._written, os.SEEK_SET)


class DirectBody(FileBody):
    """A FileBody that is read past the page cache."""

    def pieces(self) -> Iterator[bytes]:
        """See FileBody."""
        direct = switch(self.fd, on=True)
        position, end = self.offset, self.offset + (self.length or 0)
        buffer = mmap.mmap(-1, self.piece + ALIGNED)
        while position < end:
            skip = position % ALIGNED
            try:
                count = os.preadv(self.fd, [buffer], position - skip) - skip
            except OSError:
                if not direct or not switch(self.fd, on=False):
                    raise
                direct = False
                continue
            if count <= 0:
                raise EOFError(f"file ended at {position}, {end - position} bytes early")
            piece = buffer[skip : skip + min(count, end - position)]
            position += len(piece)
            yield piece
