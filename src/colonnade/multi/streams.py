"""Bodies on their way from a layer to the client: begun before anything is answered, resumed if they break.

A layer that takes a GET and then gives no byte has not answered it. So the first piece is taken in before the
layer counts as the one that has the object; what breaks later is gone on with from another layer, if that has
the very same object, and else cuts the connection.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.body import Body, BytesBody, as_body
from colonnade.multi.members import Member, Outcome, unavailable

#: Another layer's body that begins at an offset of the answer, None where no other layer can go on.
Resume = Callable[[int], Awaitable["Source | None"]]


class Source:
    """One layer's body, read piece by piece under that layer's time-outs; the first by a `deadline` of the loop."""

    def __init__(self, member: Member, body: Body, length: int | None, deadline: float) -> None:
        self.member = member
        self.body = body
        self._left = length
        self._deadline: float | None = deadline
        self._pieces = aiter(body)

    async def next(self) -> bytes:
        """The next piece, b"" at the end. Raises whatever the layer does, EOFError if it ends too early."""
        deadline, self._deadline = self._deadline, None
        if deadline is None:
            deadline = asyncio.get_running_loop().time() + self.member.timeouts.stall
        async with asyncio.timeout_at(deadline):
            piece = await anext(self._pieces, b"")
        if self._left is not None:
            if not piece and self._left:
                raise EOFError(f"the body from {self.member.name} ended {self._left} bytes early")
            self._left -= len(piece)
        return piece

    async def close(self) -> None:
        """Let go of the layer's body; what it says to that no longer matters."""
        with contextlib.suppress(Exception):
            if isinstance(self._pieces, AsyncGenerator):
                await self._pieces.aclose()
        with contextlib.suppress(Exception):
            await self.body.aclose()


class Relay(Body):
    """What the client is given: one layer's body, and should that break another's."""

    def __init__(self, source: Source, first: bytes, length: int | None, resume: Resume) -> None:
        super().__init__(length)
        self.trailers = source.body.trailers
        self._source = source
        self._first = first
        self._resume = resume

    async def __aiter__(self) -> AsyncIterator[bytes]:
        piece, self._first = self._first, b""
        sent = 0
        while piece:
            sent += len(piece)
            yield piece
            piece = await self._next(sent)

    async def _next(self, sent: int) -> bytes:
        """The next piece, from wherever it can be had. Raises ServiceUnavailable if from nowhere."""
        while True:
            try:
                return await self._source.next()
            except Exception as error:
                member = self._source.member
                member.broke(error)
                await self._source.close()
                other = await self._resume(sent)
                if other is None:
                    raise unavailable(member) from error
                self._source = other

    async def aclose(self) -> None:
        """Let go of the layer's body."""
        await self._source.close()


async def begin(member: Member, arguments: Arguments) -> tuple[Outcome, bytes, Source | None]:
    """GetObject of one layer with its first piece in hand. An answer without its first bytes is none."""
    began = time.monotonic()
    return await first_piece(member, await member.ask("GetObject", arguments), began)


async def first_piece(member: Member, outcome: Outcome, began: float) -> tuple[Outcome, bytes, Source | None]:
    """The first piece of what a layer answered that was asked at a time of the monotonic clock."""
    if outcome.answer is None:
        return outcome, b"", None
    deadline = asyncio.get_running_loop().time() + began + member.timeouts.answer - time.monotonic()
    body = as_body(outcome.answer.get("Body"))
    source = Source(member, body, outcome.answer.get("ContentLength", body.length), deadline)
    try:
        return outcome, await source.next(), source
    except Exception as error:
        await source.close()
        return member.broke(error), b"", None
    except BaseException:
        await source.close()
        raise


async def demand(member: Member, operation: str, arguments: Arguments) -> Answer:
    """What one layer answers, the body under its time-outs too. Raises S3Error for everything else."""
    if operation != "GetObject":
        return await member.demand(operation, arguments)
    outcome, first, source = await begin(member, arguments)
    answer = outcome.take()
    assert source is not None
    return relay(answer, first, source, _nowhere)


async def _nowhere(_: int) -> None:
    return None


def relay(answer: Answer, first: bytes, source: Source, resume: Resume) -> Answer:
    """The answer as the client gets it, its body able to move to another layer."""
    if isinstance(answer.get("Body"), BytesBody):
        # Whole in memory: nothing of it can break any more.
        return answer
    length: int | None = answer.get("ContentLength", source.body.length)
    return {**answer, "Body": Relay(source, first, length, resume)}


def resumer(answer: Answer, arguments: Arguments, others: list[Member]) -> Resume:
    """How to go on with an answer whose body broke: ask the `others`, each once, for the rest of the same object."""
    start, end, size = extent(answer)
    left = iter(others)
    same: dict[str, Any] = {"Bucket": arguments["Bucket"], "Key": arguments["Key"], "IfMatch": answer.get("ETag")}

    async def resume(sent: int) -> Source | None:
        if not answer.get("ETag") or start + sent >= end or arguments.get("VersionId"):
            return None
        for member in left:
            deadline = asyncio.get_running_loop().time() + member.timeouts.answer
            asked = {**same, "Range": f"bytes={start + sent}-{end - 1}"}
            outcome = await member.ask("GetObject", asked)
            if outcome.answer is None:
                continue
            body = as_body(outcome.answer.get("Body"))
            source = Source(member, body, end - start - sent, deadline)
            if outcome.answer.get("ETag") == answer["ETag"] and extent(outcome.answer) == (start + sent, end, size):
                return source
            await source.close()
        return None

    return resume


def extent(answer: Answer) -> tuple[int, int, int]:
    """Where the body of an answer begins and ends in its object, and how large that is."""
    if answer.get("ContentRange"):
        span, _, size = answer["ContentRange"].removeprefix("bytes ").partition("/")
        first, _, last = span.partition("-")
        return int(first), int(last) + 1, int(size)
    length = int(answer.get("ContentLength", 0))
    return 0, length, length
