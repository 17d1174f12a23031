"""Making files and directories durable.

A directory's cost is shared: whoever comes while one flush runs shares the next.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from functools import partial
from typing import Any

from colonnade.backends.posix.aio import KernelFlushes
from colonnade.backends.posix.threads import Threads


class _Flush:
    """A directory's flush that has not ended, and who waits for it: each by himself, for one may be cancelled."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._waiting: list[asyncio.Future[None]] = []

    def wait(self) -> asyncio.Future[None]:
        """What is done when the flush is."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        return future

    def end(self, ended: asyncio.Future[Any]) -> None:
        """Tell all who wait how it ended."""
        error = None if ended.cancelled() else ended.exception()
        for future in self._waiting:
            if future.done():  # cancelled
                continue
            if ended.cancelled():
                future.cancel()
            elif error is not None:
                future.set_exception(error)
                future.exception()  # who waits for several is told of one
            else:
                future.set_result(None)


class Sync:
    """Flushes files, and directories each at most once at a time: by the kernel where it will, else in threads."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._kernel: KernelFlushes | None = None
        self._next: dict[tuple[int, int], _Flush] = {}
        self._running: set[tuple[int, int]] = set()

    def belong(self, loop: asyncio.AbstractEventLoop, *, kernel: bool) -> None:
        """Share flushes among those who ask on this event loop. `kernel`: ask it, where nothing may stall.

        To end with one under way waits for it, and no signal breaks that off.
        """
        self.close()  # what a start that failed has left
        self._loop = loop
        if not kernel:
            return
        try:
            self._kernel = KernelFlushes(loop)
        except OSError:  # another machine or kernel, or a container that lets nobody ask
            self._kernel = None

    def close(self, *, wait: bool = True) -> None:
        """Let go; `wait` for what is under way."""
        kernel, self._kernel = self._kernel, None
        if kernel is not None:
            kernel.close(wait=wait)

    async def files(self, descriptors: Sequence[int]) -> None:
        """Return once open files are on disk. They stay open. Raises OSError."""
        if self._loop is not asyncio.get_running_loop():
            for fd in descriptors:
                await self._threads.wait(os.fsync, fd)
        elif len(descriptors) == 1:
            await self._begin(descriptors[0])
        else:
            for result in await asyncio.gather(*map(self._begin, descriptors), return_exceptions=True):
                if isinstance(result, BaseException):
                    raise result

    async def flush(self, descriptors: list[int]) -> None:
        """Return once everything done before in these directories is on disk. Closes the descriptors."""
        if self._loop is not asyncio.get_running_loop():
            await self._alone(descriptors)
            return
        waits = [self._join(fd) for fd in descriptors]
        for wait in waits:
            await wait

    async def _alone(self, descriptors: list[int]) -> None:
        """Flush without sharing: futures belong to the loop that they were made on."""
        try:
            await self.files(descriptors)
        finally:
            for fd in descriptors:
                os.close(fd)

    def _begin(self, fd: int) -> asyncio.Future[None]:
        """What is done once an open file is on disk."""
        if self._kernel is not None:
            try:
                return self._kernel.begin(fd)
            except OSError:  # too many at once
                pass
        return asyncio.ensure_future(self._threads.wait(os.fsync, fd))

    def _join(self, fd: int) -> asyncio.Future[None]:
        status = os.fstat(fd)
        identity = (status.st_dev, status.st_ino)
        flush = self._next.get(identity)
        if flush is not None:
            os.close(fd)
            return flush.wait()
        flush = self._next[identity] = _Flush(fd)
        if identity not in self._running:
            self._running.add(identity)
            # Not at once: whoever is told together with this one that its file is on disk comes just behind.
            asyncio.get_running_loop().call_soon(self._run, identity)
        return flush.wait()

    def _run(self, identity: tuple[int, int]) -> None:
        flush = self._next.pop(identity)
        self._begin(flush.fd).add_done_callback(partial(self._ended, identity, flush))

    def _ended(self, identity: tuple[int, int], flush: _Flush, ended: asyncio.Future[Any]) -> None:
        """Tell those who shared a flush, and begin the next."""
        os.close(flush.fd)
        flush.end(ended)
        if identity in self._next:
            self._run(identity)
        else:
            self._running.discard(identity)
