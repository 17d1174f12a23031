"""Bodies between the event loop that clients are served on and the thread that an operation runs in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from colonnade.backends.posix.apart import Apart, Job
from colonnade.body import Body, FileBody


class Incoming(Body):
    """An upload's body, read on the loop it comes from."""

    def __init__(self, inner: Body, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(inner.length)
        self._inner = inner
        self._loop = loop
        self.trailers = inner.trailers
        #: The operation that reads it.
        self.job: Job[Any] | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert self.job is not None
        pieces = aiter(self._inner)
        while (piece := await self.job.outside(self._loop, lambda: anext(pieces, None))) is not None:
            yield piece
        self.trailers = self._inner.trailers

    async def aclose(self) -> None:
        """Close the body, where it comes from."""
        assert self.job is not None
        await self.job.outside(self._loop, self._inner.aclose)


class Outgoing(Body):
    """A file's bytes, each piece read in a thread."""

    def __init__(self, inner: FileBody, apart: Apart) -> None:
        super().__init__(inner.length)
        self._inner = inner
        self._apart = apart

    async def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = self._inner.pieces()
        while (piece := await self._apart.do(next, pieces, None)) is not None:
            yield piece

    async def aclose(self) -> None:
        """Close the file. That may take as long as anything else, and nobody has to wait for it."""
        self._apart.later(self._inner.close)
