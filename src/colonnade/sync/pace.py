"""A bound on bytes a second, for all copies of a run together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

from colonnade.body import Body


class Limit:
    """Lets `rate` bytes a second pass, None for as many as can be."""

    def __init__(self, rate: float | None) -> None:
        self.rate = rate
        self._free_at = 0.0

    async def take(self, count: int) -> None:
        """Wait until so many bytes more may pass."""
        if self.rate is None:
            return
        now = asyncio.get_running_loop().time()
        start = max(now, self._free_at)
        self._free_at = start + count / self.rate
        if start > now:
            await asyncio.sleep(start - now)


class Metered(Body):
    """A body that passes at the limit's pace, and says how many bytes went by."""

    def __init__(self, inner: Body, limit: Limit, passed: Callable[[int], None]) -> None:
        super().__init__(inner.length)
        self.inner = inner
        self.limit = limit
        self.passed = passed

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self.inner:
            await self.limit.take(len(piece))
            self.passed(len(piece))
            yield piece
        self.trailers = self.inner.trailers

    async def aclose(self) -> None:
        """Close the body itself."""
        await self.inner.aclose()
