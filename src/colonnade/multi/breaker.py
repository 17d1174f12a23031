"""When a member is left alone for a while: it failed so often of late that asking it again only costs time.

Closed, everything passes. Open, nothing does, so that a client is not kept waiting for what is known to fail. When
the rest is over one request is let through: if that succeeds the breaker closes, else it rests for longer. All
workers of a server see the same state (see `colonnade.multi.board`); what each of them counted is its own.
"""

from __future__ import annotations

import time
from collections import deque

#: A verdict is passed on the outcomes of so many seconds, if there are at least so many of them.
WINDOW, LEAST = 10.0, 5
#: The share of them that must have failed.
SHARE = 0.5
#: Seconds of the first rest and of the longest; each one after a failed trial is twice the last.
REST, LONGEST_REST = 2.0, 30.0
#: A trial that is not over after so many seconds is given up, and another may be made.
TRIAL = 60.0

_UNTIL, _REST, _TRIAL, FIELDS = 0, 1, 2, 3


class Breaker:
    """Lets requests to one member through, or not. Times are those of the machine's monotonic clock, in seconds."""

    def __init__(self, shared: memoryview[float] | None = None) -> None:
        self._shared: memoryview[float] = memoryview(bytearray(FIELDS * 8)).cast("d") if shared is None else shared
        self._seen: deque[tuple[float, bool]] = deque(maxlen=100)

    @property
    def closed(self) -> bool:
        """Whether everything passes."""
        return not self._shared[_UNTIL]

    def lets_through(self) -> bool:
        """Whether a request may go to the member; while the breaker is not closed it is the one trial."""
        until = self._shared[_UNTIL]
        if not until:
            return True
        now = time.monotonic()
        if now < until or now < self._shared[_TRIAL]:
            return False
        self._shared[_TRIAL] = now + TRIAL
        return True

    def note(self, good: bool, now: float) -> bool:
        """How a request ended; whether that opened or closed the breaker."""
        if self._shared[_UNTIL]:
            return self._after_trial(good, now)
        self._seen.append((now, good))
        if good:
            return False
        while self._seen[0][0] < now - WINDOW:
            self._seen.popleft()
        failures = sum(not good for _, good in self._seen)
        if len(self._seen) < LEAST or failures < SHARE * len(self._seen):
            return False
        self._open(REST, now)
        return True

    def abandon(self) -> None:
        """A request ended without telling anything of the member: a trial may be made again."""
        self._shared[_TRIAL] = 0.0

    def _after_trial(self, good: bool, now: float) -> bool:
        if good:
            self._shared[_UNTIL] = self._shared[_TRIAL] = 0.0
            self._seen.clear()
            return True
        if self._shared[_TRIAL]:  # not one that was on its way when the breaker opened
            self._open(min(2 * self._shared[_REST], LONGEST_REST), now)
        return False

    def _open(self, rest: float, now: float) -> None:
        self._seen.clear()
        self._shared[_REST] = rest
        self._shared[_TRIAL] = 0.0
        self._shared[_UNTIL] = now + rest
