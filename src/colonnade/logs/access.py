"""The access log: a line for every request of S3's, in the 26 values that the compatible gateway has.

Lines are gathered, and written together after EVERY seconds at the latest: a write for each costs more than making it.
A worker that is killed loses what it had gathered; one that ends does not.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

from colonnade.logs import fields, said
from colonnade.logs.appending import LogFile

if TYPE_CHECKING:
    from colonnade.exchange import Exchange

log = logging.getLogger("colonnade.logs")

#: Seconds that a line waits for others at the most, and how many characters of lines wait.
EVERY, MOST = 0.1, 64 * 1024

#: Seconds between two complaints about a log that can't be written.
PAUSE = 60.0

#: The values that are not of our own making, and may hold anything.
_FREE = (
    "BucketOwner",
    "Bucket",
    "RemoteIP",
    "Requester",
    "Key",
    "ErrorCode",
    "Referer",
    "UserAgent",
    "VersionID",
    "HostHeader",
    "AccessPointARN",
)


class AccessLog:
    """Lines in a file. While it can't be written requests go on, and stderr is told now and then."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self._lines: list[str] = []
        self._size = 0
        self._complained = -PAUSE

    async def record(self, exchange: Exchange, scope: Any, began: float) -> None:
        """See `Log`."""
        text = line(await said.of(exchange, scope, began))
        if not self._lines:
            asyncio.get_running_loop().call_later(EVERY, self._write)
        self._lines.append(text)
        self._size += len(text)
        if self._size >= MOST:
            self._write()

    def _write(self) -> None:
        """Write what waits, if anything still does."""
        if not self._lines:
            return
        text = "\n".join(self._lines)
        self._lines, self._size = [], 0
        try:
            self.file.write(text)
        except OSError as error:
            if time.monotonic() - self._complained >= PAUSE:
                self._complained = time.monotonic()
                log.error("access log: %s", error)

    async def close(self) -> None:
        """See `Log`."""
        self._write()
        self.file.close()


def line(values: said.Values) -> str:
    """What is said of a request as a line."""
    text = fields.text
    shown = values.copy()
    for name in _FREE:
        shown[name] = text(values[name])
    shown["Time"] = fields.moment(values["Time"])
    return " ".join([str(value) or "-" for value in shown.values()])
