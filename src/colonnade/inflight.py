"""How many requests an application is carrying out: no more than it is told, and none at its end."""

from __future__ import annotations

import asyncio
import contextlib

from colonnade.errors import S3Error


class InFlight:
    """Counts requests; each is carried out within it (`with in_flight: ...`). `most` is None for no bound."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.count = 0
        #: Set when there is none, once somebody waits for that.
        self._idle: asyncio.Event | None = None

    def __enter__(self) -> None:
        self.count += 1

    def __exit__(self, *_: object) -> None:
        self.count -= 1
        if self._idle is not None and not self.count:
            self._idle.set()

    def check(self) -> None:
        """Whether the request in hand is not one too many. Raises SlowDown."""
        if self.most is not None and self.count > self.most:
            raise S3Error("SlowDown")

    async def drain(self, timeout: float) -> None:
        """Wait until there is none, for at most `timeout` seconds."""
        self._idle = asyncio.Event()
        if self.count:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._idle.wait(), timeout)
