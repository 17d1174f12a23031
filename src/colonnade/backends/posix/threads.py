"""Threads for what would hold the event loop up: flushing to disk, waiting for locks, hashing, copying."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import copy_context
from typing import TypeAlias, TypeVar

from colonnade.backends.posix.daemons import Daemons

T = TypeVar("T")

#: What becomes of a result that nobody waits for any more.
Drop: TypeAlias = Callable[[T], object]


def _nothing(_: object) -> None:
    """It holds nothing that would have to be given back."""


class Threads:
    """Two pools: many threads that wait for the disk, few that work."""

    def __init__(self) -> None:
        self._disk = Daemons(32, "colonnade-disk")
        self._work = Daemons(8, "colonnade-work")

    async def wait(self, function: Callable[..., T], *arguments: object, drop: Drop[T] = _nothing) -> T:
        """Run something that mostly waits: fsync, flock. `drop` is for a result whose client has gone."""
        return await finish(self._disk, function, *arguments, drop=drop)

    async def work(self, function: Callable[..., T], *arguments: object, drop: Drop[T] = _nothing) -> T:
        """Run something that moves or digests many bytes. `drop` as in `wait`."""
        return await finish(self._work, function, *arguments, drop=drop)

    def later(self, function: Callable[[], object]) -> None:
        """Run something that nobody waits for."""
        self._work.submit(function)

    def close(self, *, wait: bool = True) -> None:
        """End the threads; `wait` until what runs has come to its end."""
        self._disk.shutdown(wait=wait)
        self._work.shutdown(wait=wait)


async def finish(pool: Executor, function: Callable[..., T], *arguments: object, drop: Drop[T] = _nothing) -> T:
    """Run in a thread, and when cancelled wait for it all the same: it may be using a descriptor of ours.

    What it gives then is given to `drop`, for nobody else will close what it opened.
    """
    future = asyncio.get_running_loop().run_in_executor(pool, copy_context().run, function, *arguments)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError:
                continue
        if not future.cancelled() and future.exception() is None:  # looked at, so that the loop does not report it
            drop(future.result())
        raise
