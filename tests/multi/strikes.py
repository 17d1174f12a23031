"""A layer that fails now and then: at one call, at the next few, or until it is mended."""

from __future__ import annotations

import asyncio
import enum
from collections.abc import AsyncIterator

from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.body import Body, StreamBody
from colonnade.errors import S3Error


class Kind(enum.Enum):
    """What goes wrong with a call."""

    #: Nobody listens.
    DOWN = "down"
    #: It takes longer than anybody waits.
    SLOW = "slow"
    #: It says 500.
    ERROR = "error"
    #: It is carried out, and the answer never arrives.
    LOST = "lost"
    #: A body breaks off in its middle; anything else is well.
    BREAK = "break"


class Striking(Layer):
    """`strike` says what goes wrong from which call on, and how often."""

    def __init__(self, inner: Backend) -> None:
        super().__init__(inner)
        self.kind = Kind.DOWN
        self.well = 0
        self.left = 0

    def strike(self, kind: Kind, well: int, times: int) -> None:
        """After `well` more calls the next `times` go wrong."""
        self.kind, self.well, self.left = kind, well, times

    def mend(self) -> None:
        """Nothing goes wrong any more."""
        self.left = 0

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Carry out, or fail."""
        if not self.left:
            return await self.inner.call(operation, arguments)
        if self.well:
            self.well -= 1
            return await self.inner.call(operation, arguments)
        self.left -= 1
        if self.kind is Kind.DOWN:
            raise ConnectionRefusedError("connection refused")
        if self.kind is Kind.SLOW:  # whoever waits gives up after a while, which is all that it would see
            await asyncio.sleep(0.01)
            raise TimeoutError
        if self.kind is Kind.ERROR:
            raise S3Error("InternalError")
        answer = await self.inner.call(operation, arguments)
        if self.kind is Kind.LOST:
            if isinstance(answer.get("Body"), Body):
                await answer["Body"].aclose()
            raise ConnectionResetError("connection reset")
        if isinstance(answer.get("Body"), Body):
            answer["Body"] = StreamBody(_broken(answer["Body"]), answer["Body"].length)
        return answer


async def _broken(body: Body) -> AsyncIterator[bytes]:
    data = await body.read()
    if data:
        yield data[: len(data) // 2 or 1]
    raise ConnectionResetError("connection reset")
