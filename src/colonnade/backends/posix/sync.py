"""Making directories durable, the cost shared: whoever comes while one flush runs shares the next."""

from __future__ import annotations

import asyncio
import os

from colonnade.backends.posix.threads import Threads


class _Flush:
    """A directory's flush that is still to begin."""

    def __init__(self, fd: int, after: asyncio.Future[None] | None) -> None:
        self.fd = fd
        self.after = after
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class DirectorySync:
    """Flushes directories, each at most once at a time."""

    def __init__(self, threads: Threads) -> None:
        self._threads = threads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._next: dict[tuple[int, int], _Flush] = {}
        self._running: dict[tuple[int, int], asyncio.Future[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def belong(self, loop: asyncio.AbstractEventLoop) -> None:
        """Share flushes among those who ask on this event loop."""
        self._loop = loop

    async def flush(self, descriptors: list[int]) -> None:
        """Return once everything done before in these directories is on disk. Closes the descriptors."""
        if self._loop is not asyncio.get_running_loop():
            await self._alone(descriptors)
            return
        waits = [self._join(fd) for fd in descriptors]
        for wait in waits:
            await asyncio.shield(wait)

    async def _alone(self, descriptors: list[int]) -> None:
        """Flush without sharing: futures belong to the loop that they were made on."""
        try:
            for fd in descriptors:
                await self._threads.wait(os.fsync, fd)
        finally:
            for fd in descriptors:
                os.close(fd)

    def _join(self, fd: int) -> asyncio.Future[None]:
        status = os.fstat(fd)
        identity = (status.st_dev, status.st_ino)
        flush = self._next.get(identity)
        if flush is not None:
            os.close(fd)
            return flush.done
        flush = self._next[identity] = _Flush(fd, self._running.get(identity))
        task = asyncio.get_running_loop().create_task(self._run(identity, flush))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return flush.done

    async def _run(self, identity: tuple[int, int], flush: _Flush) -> None:
        if flush.after is not None:
            await asyncio.wait([flush.after])
        del self._next[identity]
        self._running[identity] = flush.done
        try:
            await self._threads.wait(os.fsync, flush.fd)
        except OSError as error:
            flush.done.set_exception(error)
            flush.done.exception()
        else:
            flush.done.set_result(None)
        finally:
            os.close(flush.fd)
            if self._running.get(identity) is flush.done:
                del self._running[identity]
            if not flush.done.done():
                flush.done.cancel()
