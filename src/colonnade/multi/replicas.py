"""The replicas together: who lacks what, and the work that makes them lack nothing."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from colonnade import tasks
from colonnade.backend import Arguments
from colonnade.errors import S3Error
from colonnade.multi.converge import Converger
from colonnade.multi.members import Member
from colonnade.multi.queue import BusyError, Queue, Task

log = logging.getLogger("colonnade.multi")

#: Keys that one worker brings in line at a time.
AT_ONCE = 4
#: Seconds between two looks at the queue when nothing wakes us: another worker may have left work, or died.
LOOK = 1.0
#: Seconds between two looks at a key that somebody else is bringing in line.
WAIT = 0.02
#: Seconds from the first to the second attempt; each further one waits twice as long, up to the second figure.
FIRST, LONGEST = 0.5, 300.0


@dataclass(slots=True)
class Intent:
    """A write in hand. `behind` are the replicas that will lack it; `crossed` is known once it has ended."""

    behind: Sequence[str]
    crossed: bool = False


class Replicas:
    """The members that hold what the primary holds, and the queue of what they still lack.

    `fallbacks` are members that are only read, but may have deletes to catch up on. `settled` is told each key that
    was brought in line.
    """

    def __init__(
        self,
        primary: Member,
        members: Sequence[Member],
        fallbacks: Sequence[Member],
        queue: Queue,
        settled: Callable[[str, str], Awaitable[None]] | None = None,
    ) -> None:
        self.primary = primary
        self.members = tuple(members)
        self.names = tuple(member.name for member in members)
        self.by_name = {member.name: member for member in (*members, *fallbacks)}
        self.queue = queue
        self.converger = Converger(primary)
        self.settled = settled
        self._woken = asyncio.Event()
        self._unended: list[int] = []
        self._emptying: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Open the queue, take over what dead processes left, and begin to empty it."""
        await self.queue.start()
        await self.queue.recover(self.names)
        self._emptying = asyncio.create_task(self._empty())

    async def close(self) -> None:
        """Stop emptying the queue."""
        if self._emptying is not None:
            await tasks.end(self._emptying)
            await self.queue.recover(self.names, ours=True)
        await self.queue.close()

    @asynccontextmanager
    async def intent(self, arguments: Arguments) -> AsyncIterator[Intent]:
        """Around a write to one key. However it ends, who lacks it is on disk before it is answered.

        Until the caller knows better everybody lacks it: of a write that was cut off nobody knows what became.
        """
        number = await self.queue.begin(arguments["Bucket"], arguments.get("Key", ""))
        intent = Intent(self.names)
        try:
            yield intent
        finally:
            try:
                intent.crossed = await self.queue.end(number, intent.behind, self.names)
            except Exception:
                self._unended.append(number)  # it is tried again, and counts as lacking everywhere
                raise
            if intent.behind or intent.crossed:
                self._woken.set()

    async def bring_now(self, names: Sequence[str], bucket: str, key: str) -> list[str]:
        """Bring a key in line at some replicas, now. Who could not be, and stays in the queue."""
        members = [self.by_name[name] for name in names]
        done = await asyncio.gather(*(self._now(member, bucket, key) for member in members))
        return [member.name for member, brought in zip(members, done, strict=True) if not brought]

    async def _now(self, member: Member, bucket: str, key: str) -> bool:
        """Whether nothing of a key is left to do at a member. Somebody else at work on it is waited for."""
        try:
            async with asyncio.timeout(member.timeouts.patience):
                while True:
                    try:
                        task = await self.queue.take(member.name, bucket, key)
                    except BusyError:
                        await asyncio.sleep(WAIT)
                    else:
                        return task is None or await self._work(task)
        except TimeoutError:
            return False

    async def _empty(self) -> None:
        """Work until cancelled."""
        working: set[asyncio.Task[bool]] = set()
        while True:
            self._woken.clear()
            try:
                while self._unended:
                    await self.queue.end(self._unended[0], self.names, self.names)
                    self._unended.pop(0)
                tasks = await self.queue.claim(AT_ONCE - len(working)) if len(working) < AT_ONCE else []
                working |= {asyncio.create_task(self._work(task)) for task in tasks}
                if not tasks:
                    await self._wait(working)
                    await self.queue.recover(self.names)
                working = {task for task in working if not task.done()}
            except asyncio.CancelledError:
                for task in working:
                    task.cancel()
                await asyncio.gather(*working, return_exceptions=True)
                raise
            except Exception:
                log.exception("the queue %s can't be worked on; trying again", self.queue.path)
                await asyncio.sleep(LOOK)

    async def _wait(self, working: set[asyncio.Task[bool]]) -> None:
        woken = asyncio.create_task(self._woken.wait())
        try:
            await asyncio.wait({woken, *working}, timeout=LOOK, return_when=asyncio.FIRST_COMPLETED)
        finally:
            woken.cancel()

    async def _work(self, task: Task) -> bool:
        """Bring one key in line; whether that could be done. What could not is due again later."""
        member = self.by_name.get(task.replica)
        try:
            if member is None:
                raise S3Error("ServiceUnavailable", "There is no backend of that name in the configuration.")
            await self.converger.bring(member, task.bucket, task.key)
            await self.queue.done(task)
            if self.settled is not None:
                await self.settled(task.bucket, task.key)
        except asyncio.CancelledError:
            await asyncio.shield(self.queue.put_back(task, 0.0, "interrupted"))
            raise
        except Exception as error:
            delay = min(FIRST * 2 ** min(task.attempts, 20), LONGEST) * random.uniform(0.5, 1.5)  # noqa: S311
            log.warning("%s lacks %s/%s: %s; again in %.1f s", task.replica, task.bucket, task.key, error, delay)
            await self.queue.put_back(task, delay, str(error))
            return False
        return True
