"""One upload read once for several receivers, at the pace of the slowest, with one piece in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from colonnade.body import Body


class Tee:
    """Splits `source` into `count` branches. The next piece is read once every branch that is left asks for it."""

    def __init__(self, source: Body, count: int) -> None:
        self.source = source
        self.branches = [Branch(self) for _ in range(count)]
        self._pieces = aiter(source)
        self._left = set(self.branches)
        self._asking: dict[Branch, asyncio.Future[bytes]] = {}
        self._task: asyncio.Task[None] | None = None
        self._failure: Exception | None = None

    async def next(self, branch: Branch) -> bytes:
        """The next piece for a branch, empty at the end. Raises what reading the source raised."""
        if self._failure is not None:
            raise self._failure
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asking[branch] = future
        self._go_on()
        try:
            return await future
        finally:
            self._asking.pop(branch, None)

    def drop(self, branch: Branch) -> None:
        """The others no longer wait for a branch."""
        self._left.discard(branch)
        self._asking.pop(branch, None)
        self._go_on()

    def fail(self, error: Exception) -> None:
        """Every branch that is left ends with this error: what they receive is not wanted any more."""
        self._failure = self._failure or error
        asking, self._asking = self._asking, {}
        for future in asking.values():
            if not future.done():
                future.set_exception(error)

    async def aclose(self) -> None:
        """Read no further."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _go_on(self) -> None:
        if self._left and self._left <= self._asking.keys() and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            piece = await anext(self._pieces, b"")
        except Exception as error:
            self.fail(error)
            return
        asking, self._asking = self._asking, {}
        for future in asking.values():
            if not future.done():
                future.set_result(piece)


class Branch(Body):
    """What one receiver reads."""

    def __init__(self, tee: Tee) -> None:
        super().__init__(tee.source.length)
        self._tee = tee

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await self._tee.next(self):
            yield piece
        self.trailers = self._tee.source.trailers

    async def aclose(self) -> None:
        """The receiver has enough."""
        self._tee.drop(self)
