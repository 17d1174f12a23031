"""Where operations on a served directory run: on the event loop, or in threads because the filesystem may stall."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from colonnade import filesystems
from colonnade.backend import Answer, Arguments
from colonnade.backends.posix.apart import Apart, Job
from colonnade.backends.posix.crossing import Incoming, Outgoing
from colonnade.backends.posix.options import Options
from colonnade.body import Body, FileBody

T = TypeVar("T")

log = logging.getLogger("colonnade.posix")

#: The event loop looks at itself this often, in seconds; held up for `_SLOW`, it hands operations over for `_WHILE`.
_LOOK, _SLOW, _WHILE = 0.5, 2.0, 60.0


class Mode:
    """Decides for each operation, and carries it out."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._apart = Apart(options.concurrency, options.stall_timeout)
        self._always = options.threads == "always"
        #: Whether the filesystem is on this machine, once that is found out.
        self.local = False
        self._until = 0.0
        self._looking: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Find out what the filesystem is. Raises ServiceUnavailable if it doesn't answer, OSError."""
        self.local = await self._apart.do(filesystems.is_local, self._options.path)
        if self._options.threads != "auto":
            return
        if self.local:
            if self._looking is not None:  # of a start that failed
                self._looking.cancel()
            self._looking = asyncio.create_task(self._look())
        else:
            self._always = True

    async def _look(self) -> None:
        """Hand operations over while the event loop has been held up: a local disk may be dying too."""
        before, worked = time.monotonic(), _worked()
        while True:
            await asyncio.sleep(_LOOK)
            now, work = time.monotonic(), _worked()
            stuck = now - before - _LOOK - (work - worked)
            if stuck > _SLOW:
                log.warning("%s: held up for %.1f s; served in threads for the next minute", self._options.path, stuck)
                self._until = now + _WHILE
            before, worked = now, work

    @property
    def in_threads(self) -> bool:
        """Whether operations run in threads just now."""
        return self._always or (self._until > 0.0 and time.monotonic() < self._until)

    async def do(self, function: Callable[[], T]) -> T:
        """Run a plain function in a thread, whatever the mode."""
        return await self._apart.do(function)

    async def work(self, make: Callable[[], Awaitable[T]]) -> T:
        """Run something that has no bodies in a thread."""
        return await self._apart.run(Job(make, _forget))

    async def call(self, call: Callable[[Arguments], Awaitable[Answer]], arguments: Arguments) -> Answer:
        """Run an operation in a thread; its bodies cross over piece by piece."""
        body = arguments.get("Body")
        incoming = Incoming(body, asyncio.get_running_loop()) if isinstance(body, Body) else None
        if incoming is not None:
            arguments = {**arguments, "Body": incoming}
        job = Job(lambda: call(arguments), _drop)
        if incoming is not None:
            incoming.job = job
        answer = await self._apart.run(job)
        if isinstance(answer.get("Body"), FileBody):
            answer["Body"] = Outgoing(answer["Body"], self._apart)
        return answer

    async def close(self) -> None:
        """End the threads, without waiting for what is stuck."""
        if self._looking is not None:
            self._looking.cancel()
        self._apart.close()


def _worked() -> float:
    """Seconds that this thread has run so far, or would have if there had been a processor for it.

    A machine that is merely busy is not helped by more threads.
    """
    try:
        with open("/proc/thread-self/schedstat", "rb") as file:
            running, waiting = file.read().split()[:2]
    except (OSError, ValueError):
        return time.thread_time()
    return (int(running) + int(waiting)) / 1e9


async def _drop(answer: Answer) -> None:
    """Close the body of an answer that nobody waits for any more."""
    if isinstance(answer.get("Body"), Body):
        await answer["Body"].aclose()


async def _forget(_: object) -> None:
    """Nothing is to be done with it."""
