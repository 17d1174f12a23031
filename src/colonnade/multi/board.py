"""What the workers of a server tell each other: memory that they share since before they were forked.

Breakers and turns are one for all of them. Counters are a row for each process, which it alone writes, so that none
is lost and no lock is needed; together they are read as sums. A process that comes later takes a free row, or goes on
with that of one that is no more, so that sums never fall.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import weakref

from colonnade.multi import breaker
from colonnade.multi.breaker import Breaker
from colonnade.multi.counters import Counters
from colonnade.multi.turn import Turn

#: Processes that have a row of their own at a time. Those beyond it count for themselves.
ROWS = 256

_DOUBLE = 8


class Board:
    """Shared memory for `size` members. Made before the workers are forked; each of them then joins."""

    def __init__(self, size: int) -> None:
        self._size = size
        breakers, figures = size * breaker.FIELDS, size * Counters.FIELDS
        length = (breakers + 1 + ROWS * (1 + figures)) * _DOUBLE
        # Named by a descriptor, so that it can be locked: record locks are a process's, also of forked ones.
        self._file = os.memfd_create("colonnade-board")
        weakref.finalize(self, os.close, self._file)
        os.ftruncate(self._file, length)
        view: memoryview[float] = memoryview(mmap.mmap(self._file, length)).cast("d")
        self._breakers, self._turn = view[:breakers], view[breakers : breakers + 1]
        self._pids, self._rows = view[breakers + 1 :][:ROWS], view[breakers + 1 + ROWS :]

    def breaker(self, place: int) -> Breaker:
        """That of one member."""
        return Breaker(self._breakers[place * breaker.FIELDS : (place + 1) * breaker.FIELDS])

    def turn(self) -> Turn:
        """Whose turn it is to do what one worker does for all."""
        return Turn(self._turn)

    def counters(self, place: int) -> Counters:
        """Those of one member."""
        step = self._size * Counters.FIELDS
        starts = range(place * Counters.FIELDS, ROWS * step, step)
        return Counters([self._rows[start : start + Counters.FIELDS] for start in starts])

    def join(self) -> int | None:
        """The row of this process, None if all are taken."""
        me = os.getpid()
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            row = next((row for row in range(ROWS) if int(self._pids[row]) == me or not self._taken(row)), None)
            if row is not None:
                self._pids[row] = me
            return row
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _taken(self, row: int) -> bool:
        pid = int(self._pids[row])
        if not pid:
            return False
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True
