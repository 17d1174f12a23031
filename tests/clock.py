"""A clock that the test moves, for what is remembered or left alone for a while."""

from __future__ import annotations

import time


class Clock:
    """Stands in for the module `time`: still, but for what has `passed`, in seconds."""

    def __init__(self) -> None:
        self.passed = 0.0
        self._began = time.monotonic()

    def monotonic(self) -> float:
        """Seconds."""
        return self._began + self.passed
