"""What is done again and again beside the requests: looking for markers that hide nothing any more."""

from __future__ import annotations

import asyncio
import logging
import random

from colonnade import tasks
from colonnade.errors import S3Error
from colonnade.multi.sweep import Sweep
from colonnade.multi.turn import Turn

log = logging.getLogger("colonnade.multi")

WHAT = "looking for markers that hide nothing"


class Rounds:
    """Sweeps about every `seconds`."""

    def __init__(self, sweep: Sweep, seconds: float, turn: Turn) -> None:
        self.sweep = sweep
        self.seconds = seconds
        self.turn = turn
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(tasks.every(self._pause, WHAT, self._look))

    async def close(self) -> None:
        """Stop, wherever it is."""
        await tasks.end(self._task)

    def _pause(self) -> float:
        return self.seconds * random.uniform(0.5, 1.0)  # noqa: S311 (spreads the workers)

    async def _look(self) -> None:
        if self.turn.take(self.seconds / 2):
            await self._sweep()

    async def _sweep(self) -> None:
        count = 0
        try:
            async for _ in self.sweep.run():
                count += 1
        except S3Error as error:
            log.info("%s ended early: %s", WHAT, error)
        finally:
            if count:
                log.info("%d markers that hid nothing were taken away", count)
