"""Threads for what would hold the event loop up: flushing to disk, waiting for locks, hashing, copying."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """Two pools: many threads that wait for the disk, few that work."""

    def __init__(self) -> None:
        self._disk = ThreadPoolExecutor(32, "colonnade-disk")
        self._work = ThreadPoolExecutor(8, "colonnade-work")

    async def wait(self, function: Callable[..., T], *arguments: object) -> T:
        """Run something that mostly waits: fsync, flock."""
        return await finish(self._disk, function, *arguments)

    async def work(self, function: Callable[..., T], *arguments: object) -> T:
        """Run something that moves or digests many bytes."""
        return await finish(self._work, function, *arguments)

    def close(self) -> None:
        """Let what runs come to its end."""
        self._disk.shutdown(wait=True)
        self._work.shutdown(wait=True)


async def finish(pool: ThreadPoolExecutor, function: Callable[..., T], *arguments: object) -> T:
    """Run in a thread, and when cancelled wait for it all the same: it may be using a descriptor of ours."""
    future = asyncio.get_running_loop().run_in_executor(pool, function, *arguments)
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError:
                continue
        if not future.cancelled():
            future.exception()  # looked at, so that the loop does not report it
        raise
