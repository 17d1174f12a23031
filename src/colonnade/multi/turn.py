"""Which of the workers does what needs to be done by one of them only."""

from __future__ import annotations

import time


class Turn:
    """Who first comes after a while, told to the others in memory that they share.

    Two that come in the same instant both do it, which costs only time.
    """

    def __init__(self, shared: memoryview[float] | None = None) -> None:
        self._shared: memoryview[float] = memoryview(bytearray(8)).cast("d") if shared is None else shared

    def take(self, seconds: float) -> bool:
        """Whether it is ours: nobody had it within so many seconds."""
        now = time.monotonic()
        if now < self._shared[0] + seconds:
            return False
        self._shared[0] = now
        return True
