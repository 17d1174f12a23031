"""The access log as JSON, a POST for each request, to whatever collects logs over HTTP.

Best effort, as the compatible gateway has it: who answers slowly, wrongly or not at all holds no request up. What can't
be sent soon enough is dropped, and stderr is told now and then how much that was.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

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

#: Seconds that an answer to the first, empty document is waited for.
REACH = 3.0

_JSON = {"content-type": "application/json"}


class WebhookLog:
    """Documents to one URL, which may hold a password or a token and so is shown to nobody whole.

    Raises ValueError, which doesn't show it either, for what is no http or https URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.shown = shown(url)
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
            log.error("access log: %d requests could not be told to %s", self._waiting.qsize(), self.shown)
        await tasks.end(*self._senders)

    async def _send(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(PATIENCE), headers=_JSON) as session:
            while True:
                data = await self._waiting.get()
                try:
                    async with session.post(self.url, data=data) as response:
                        await response.read()
                except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
                    self._complain(why(error))
                finally:
                    self._waiting.task_done()

    def _complain(self, why: str) -> None:
        self.lost += 1
        if time.monotonic() - self._complained >= PAUSE:
            self._complained = time.monotonic()
            log.error("access log: %d requests so far could not be told to %s: %s", self.lost, self.shown, why)


async def reach(url: str) -> None:
    """Send an empty document; who answers anything, or too slowly, is there. Raises ClientError, OSError."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(REACH), headers=_JSON) as session:
        with contextlib.suppress(TimeoutError):
            (await session.post(url, data=b"")).close()


def shown(url: str) -> str:
    """What may be told of a URL: ``https://host:port``. Raises ValueError for what is no http or https URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise ValueError("it is no http or https URL") from None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" if port is None else f"{parts.scheme}://{host}:{port}"


def why(error: BaseException) -> str:
    """What went wrong; not in the words of libraries, which name URLs."""
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


def document(values: said.Values) -> bytes:
    """What is said of a request as JSON; Time as RFC 3339 has it."""
    moment = datetime.fromtimestamp(values["Time"], UTC).isoformat().replace("+00:00", "Z")
    return json.dumps({**values, "Time": moment}).encode("utf-8", "backslashreplace")
