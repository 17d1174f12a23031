"""Long calls, whose clients and proxies would give up on a silent connection.

CompleteMultipartUpload and copies may take minutes. S3 answers 200 early, sends white space while it works, and
then the result, or an error document inside the 200, which every SDK looks for ("the error can be embedded in the
200 OK response"). What would have been said in headers (the version id) is not said then.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

from colonnade.body import Body
from colonnade.wire.markup import HEADER

#: The operations that S3 answers so.
LONG = frozenset({"CompleteMultipartUpload", "CopyObject", "UploadPartCopy"})

Call = asyncio.Task[dict[str, Any]]


async def start(call: Coroutine[Any, Any, dict[str, Any]], seconds: float) -> Call:
    """The call as a task, after it has ended or `seconds` have passed. Ends with whoever waits here."""
    inside = contextvars.copy_context()
    task = asyncio.create_task(call, context=inside)
    await _wait(task, seconds)
    if task.done():
        for variable, value in inside.items():  # what the call said of itself, as if it had been awaited
            variable.set(value)
    return task


class Late(Body):
    """White space every `seconds` until the call has ended, then the document that `finish` makes of it."""

    def __init__(self, task: Call, seconds: float, finish: Callable[[], bytes]) -> None:
        super().__init__()
        self.task = task
        self.seconds = seconds
        self.finish = finish

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield HEADER.encode()  # nothing may stand before it
        while not self.task.done():
            yield b" "
            await _wait(self.task, self.seconds)
        yield self.finish().removeprefix(HEADER.encode())

    async def aclose(self) -> None:
        """A call goes on to its end though its client has gone, as it does before the head is out."""
        await _wait(self.task, None)


async def _wait(task: Call, seconds: float | None) -> None:
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        task.cancel()
        raise
