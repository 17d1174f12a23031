"""The access log as JSON, a POST for each request, to whatever collects logs over HTTP.

Best effort, as the compatible gateway has it: who answers slowly, wrongly or not at all holds no request up. What can't
be sent soon enough is dropped, and stderr is told now and then how much that was.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import aiohttp

from colonnade import tasks
from colonnade.logs import said

if TYPE_CHECKING:
    from colonnade.exchange import Exchange

log = logging.getLogger("colonnade.logs")

#: Documents that wait to be sent, and those that are being sent, in each worker.
WAITING, SENDING = 10_000, 8

#: Seconds that one may take, that the last ones have at the end, and between two complaints.
PATIENCE, AT_THE_END, PAUSE = 1.0, 3.0, 60.0


class WebhookLog:
    """Documents to one URL."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.lost = 0
        self._complained = -PAUSE
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING)
        self._senders: list[asyncio.Task[None]] = []

    async def record(self, exchange: Exchange, scope: Any, began: float) -> None:
        """See `Log`."""
        if not self._senders:
            self._senders = [asyncio.create_task(self._send()) for _ in range(SENDING)]
        try:
            self._waiting.put_nowait(document(await said.of(exchange, scope, began)))
        except asyncio.QueueFull:
            self._complain("it takes them too slowly")

    async def close(self) -> None:
        """See `Log`."""
        try:
            async with asyncio.timeout(AT_THE_END):
                await self._waiting.join()
        except TimeoutError:
            log.error("access log: %d requests could not be told to %s", self._waiting.qsize(), self.url)
        await tasks.end(*self._senders)

    async def _send(self) -> None:
        headers = {"content-type": "application/json"}
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE), headers=headers) as session:
            while True:
                data = await self._waiting.get()
                try:
                    async with session.post(self.url, data=data) as response:
                        await response.read()
                except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
                    self._complain(str(error) or type(error).__name__)
                finally:
                    self._waiting.task_done()

    def _complain(self, why: str) -> None:
        self.lost += 1
        if time.monotonic() - self._complained >= PAUSE:
            self._complained = time.monotonic()
            log.error("access log: %d requests so far could not be told to %s: %s", self.lost, self.url, why)


def document(values: said.Values) -> bytes:
    """What is said of a request as JSON; Time as RFC 3339 has it."""
    moment = datetime.fromtimestamp(values["Time"], UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({**values, "Time": moment}).encode("utf-8", "backslashreplace")
