"""Operations in threads of their own, and a watch over them, for filesystems that may keep one waiting.

Each operation runs as a whole in one thread, on an event loop of that thread's, so that whatever call it is stuck in
holds up nobody else. It is given up once nothing has moved for a while: the client is told so, and what is left of it
is dropped when the filesystem lets go. Waiting for the client is no standing still.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Generic, TypeVar

from colonnade.backends.posix import progress
from colonnade.backends.posix.daemons import Daemons
from colonnade.errors import S3Error

T = TypeVar("T")

#: Seconds that threads have to end.
_MOMENT = 1.0


class Job(Generic[T]):
    """One operation. `moved` is when something last did; None while it waits for the client."""

    def __init__(self, make: Callable[[], Awaitable[T]], unwanted: Callable[[T], Awaitable[None]]) -> None:
        self.moved: float | None = time.monotonic()
        self._make = make
        self._unwanted = unwanted
        self._context = contextvars.copy_context()
        self._lock = threading.Lock()
        self._given_up = False
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Task[T]] | None = None

    def carry_out(self) -> T:
        """Run it, in the thread that calls this."""
        return self._context.run(_loop().run_until_complete, self._watched())

    async def _watched(self) -> T:
        progress.hear(self.move)
        task = asyncio.ensure_future(self._made())
        with self._lock:
            self._running = asyncio.get_running_loop(), task
            if self._given_up:
                task.cancel()
        answer = await task
        with self._lock:
            given_up, self._running = self._given_up, None
        if given_up:
            await self._unwanted(answer)
        return answer

    async def _made(self) -> T:
        self.move()
        return await self._make()

    def move(self) -> None:
        """Note that something has moved."""
        self.moved = time.monotonic()

    async def outside(self, loop: asyncio.AbstractEventLoop, make: Callable[[], Awaitable[Any]]) -> Any:
        """Wait for the client, on the event loop that it is served on."""
        self.moved = None

        async def step() -> Any:
            return await make()

        try:
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(step(), loop))
        finally:
            self.move()

    def left(self, patience: float) -> float:
        """Seconds until it has stood still for too long."""
        moved = self.moved
        return patience if moved is None else moved + patience - time.monotonic()

    def give_up(self) -> None:
        """Nobody wants its answer any more: end it as soon as it can be."""
        with self._lock:
            self._given_up = True
            if self._running is not None:
                loop, task = self._running
                loop.call_soon_threadsafe(task.cancel)


class Call(Job[T]):
    """A plain function, for which no event loop is needed."""

    def __init__(self, function: Callable[..., T], *arguments: Any) -> None:
        super().__init__(_nothing, _keep)
        self._function = partial(function, *arguments)

    def carry_out(self) -> T:
        """Run it, unless nobody wants it any more."""
        if self._given_up:
            raise asyncio.CancelledError
        self.move()
        self._context.run(progress.hear, self.move)
        return self._context.run(self._function)


class Apart:
    """Runs operations, at most `most` at a time, and gives them up when nothing moves for `patience` seconds."""

    def __init__(self, most: int, patience: float) -> None:
        self._threads = Daemons(most, "colonnade-apart", _close_loop)
        self._patience = patience

    async def run(self, job: Job[T]) -> T:
        """What it answers. Raises what it raises, ServiceUnavailable once it is given up."""
        waiter = asyncio.wrap_future(self._threads.submit(job.carry_out))
        waiter.add_done_callback(_look_at)
        try:
            while True:
                done, _ = await asyncio.wait({waiter}, timeout=max(job.left(self._patience), 0.005))
                if done:
                    return waiter.result()
                if job.left(self._patience) <= 0:
                    break
        except asyncio.CancelledError:
            job.give_up()
            raise
        job.give_up()
        raise S3Error("ServiceUnavailable", "The filesystem does not answer.", status=503)

    async def do(self, function: Callable[..., T], *arguments: Any) -> T:
        """`run` for a plain function."""
        return await self.run(Call(function, *arguments))

    def later(self, function: Callable[..., object], *arguments: Any) -> None:
        """Do something that nobody waits for."""
        self._threads.submit(function, *arguments)

    def close(self) -> None:
        """End the threads; those that are stuck are not waited for longer than a moment."""
        self._threads.shutdown(wait=False)
        self._threads.join(_MOMENT)


async def _keep(_: object) -> None:
    """Nothing is to be done with an answer that nobody wants."""


async def _nothing() -> Any:
    """What a plain function has in place of a coroutine."""


def _look_at(future: asyncio.Future[Any]) -> None:
    """So that the loop does not report what nobody waits for any more."""
    if not future.cancelled():
        future.exception()


_local = threading.local()


def _loop() -> asyncio.AbstractEventLoop:
    """The event loop of this thread."""
    loop: asyncio.AbstractEventLoop | None = getattr(_local, "loop", None)
    if loop is None:
        loop = _local.loop = asyncio.SelectorEventLoop()
    return loop


def _close_loop() -> None:
    loop = getattr(_local, "loop", None)
    if loop is not None:
        loop.close()
