"""The access log: a line for every request of S3's, in the 26 values that the compatible gateway has."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from colonnade.logs import fields, said
from colonnade.logs.appending import LogFile

if TYPE_CHECKING:
    from colonnade.exchange import Exchange

log = logging.getLogger("colonnade.logs")

#: Seconds between two complaints about a log that can't be written.
PAUSE = 60.0


class AccessLog:
    """Lines in a file. While it can't be written requests go on, and stderr is told now and then."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self._complained = -PAUSE

    async def record(self, exchange: Exchange, scope: Any, began: float) -> None:
        """See `Log`."""
        try:
            self.file.write(line(await said.of(exchange, scope, began)))
        except OSError as error:
            if time.monotonic() - self._complained >= PAUSE:
                self._complained = time.monotonic()
                log.error("access log: %s", error)

    async def close(self) -> None:
        """See `Log`."""
        self.file.close()


def line(values: said.Values) -> str:
    """What is said of a request as a line."""
    when, uri = values["Time"], values["RequestURI"]
    shown = {
        name: fields.text(value) if isinstance(value, str) and value is not uri else str(value)
        for name, value in values.items()
    }
    shown["Time"] = fields.moment(when)
    return " ".join(shown.values())
