"""The administrators' log: who asked for what, from where, and what came of it. No secret is in it.

The first 18 values of a line are those of the compatible gateway; the one more says what was to be changed. Without a
file changes are told on stderr.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from colonnade.logs import fields
from colonnade.logs.appending import LogFile
from colonnade.logs.said import AUTHENTICATION

if TYPE_CHECKING:
    from colonnade.exchange import Exchange

log = logging.getLogger("colonnade.audit")


class AuditLog:
    """Lines in a file. One that can't be written there is written to stderr: none is lost."""

    def __init__(self, file: LogFile | None = None) -> None:
        self.file = file

    async def record(self, exchange: Exchange, scope: Any, began: float) -> None:
        """See `Log`."""
        line = " ".join(values(exchange, scope, time.perf_counter() - began))
        if self.file is None:
            if exchange.asked_for:
                log.info("%s", line)
            return
        try:
            self.file.write(line)
        except OSError as error:
            log.error("administrators' log: %s; the line: %s", error, line)

    async def close(self) -> None:
        """See `Log`."""
        if self.file is not None:
            self.file.close()


def values(exchange: Exchange, scope: Any, seconds: float) -> list[str]:
    """The values of a line."""
    request, signed = exchange.request, exchange.signed
    headers = request.headers if request is not None else {}
    return [
        fields.moment(time.time() - seconds),
        fields.text(request.client if request is not None else ""),
        fields.text(signed.account.access if signed is not None else ""),
        exchange.request_id,
        exchange.operation or "ActionUnDetected",
        fields.raw(scope),
        str(exchange.status),
        fields.text(exchange.error),
        str(exchange.sent),
        str(round(seconds * 1000)),
        str(round((exchange.turned or seconds) * 1000)),
        fields.text(fields.cleaned(headers.get("referer", ""))),
        fields.text(fields.cleaned(headers.get("user-agent", ""))),
        exchange.gateway.host_id,
        "SigV4" if signed is not None else "-",
        "-",  # the cipher: the server doesn't say
        AUTHENTICATION[signed.kind] if signed is not None else "-",
        "-",  # the version of TLS
        told(exchange.asked_for),
    ]


def told(asked_for: Mapping[str, Any]) -> str:
    """What was to be changed: ``access=alice,role=user,secret=***``."""
    shown = {name: "***" if name == "secret" else str(value) for name, value in asked_for.items()}
    pairs = (f"{name}={_plain(value)}" for name, value in shown.items())
    return ",".join(pairs) or "-"


def _plain(value: str) -> str:
    return fields.text(value).replace(",", "%2C").replace("=", "%3D")
