"""Work on the pieces of one body, in their order, beside whoever brings them.

A thread goes on while there are any. Handing each piece to a thread and waiting for its end costs two switches a piece,
and leaves the thread idle until the event loop has brought the next.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from colonnade.backends.posix.threads import Threads

T = TypeVar("T")

#: Pieces that may wait for one lane; who brings more waits.
WAITING = 2

#: Pieces after which a lane lets go of its thread, so that others have theirs.
TURN = 8


class Lane(Generic[T]):
    """Does `work` with each piece, in order, one at a time."""

    def __init__(self, threads: Threads, work: Callable[[T], object]) -> None:
        self._threads = threads
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._pieces: deque[T] = deque()
        self._lock = threading.Lock()
        self._working = False
        self._running: asyncio.Task[None] | None = None
        self._error: BaseException | None = None
        self._room: asyncio.Future[None] | None = None

    async def put(self, piece: T) -> None:
        """Have a piece worked on; waits while there are many. Raises what an earlier one has raised."""
        while True:
            with self._lock:
                if self._error is not None:
                    raise self._error
                if len(self._pieces) < WAITING:
                    self._pieces.append(piece)
                    idle, self._working = not self._working, True
                    break
                self._room = room = self._loop.create_future()
            await room
        if idle:
            if self._running is not None:
                await asyncio.shield(self._running)
            self._running = self._loop.create_task(self._turns())

    async def end(self) -> None:
        """Return once all is done. Raises what a piece has raised."""
        if self._running is not None:
            await asyncio.shield(self._running)  # `drop` waits for it, also where this wait is cancelled
        if self._error is not None:
            raise self._error

    def stop(self) -> asyncio.Task[None] | None:
        """Leave what isn't begun undone; what is under way comes to its end with the task, if there is one."""
        with self._lock:
            self._pieces.clear()
        return self._running

    async def _turns(self) -> None:
        while await self._threads.work(self._turn):
            pass

    def _turn(self) -> bool:
        """Work on some pieces; whether there are more."""
        for _ in range(TURN):
            with self._lock:
                if not self._pieces:
                    self._working = False
                    return False
                piece = self._pieces.popleft()
            self._say_there_is_room()
            try:
                self._work(piece)
            except BaseException as error:
                with self._lock:
                    self._error = error
                    self._pieces.clear()
                    self._working = False
                self._say_there_is_room()
                return False
        return True

    def _say_there_is_room(self) -> None:
        with self._lock:
            room, self._room = self._room, None
        if room is not None:
            self._loop.call_soon_threadsafe(_tell, room)


async def drop(lanes: Iterable[Lane[T]]) -> None:
    """Leave what isn't begun undone, and return, also when cancelled, once nothing is under way in any of them."""
    running = [task for lane in lanes if (task := lane.stop()) is not None]
    cancelled: asyncio.CancelledError | None = None
    while not all(task.done() for task in running):
        try:
            await asyncio.wait(running)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _tell(room: asyncio.Future[None]) -> None:
    if not room.done():
        room.set_result(None)
