"""The access log: a line for every request of S3's, in the 26 values that the compatible gateway has.

They are those of Amazon's server access logs. Where that gateway writes a constant for what it doesn't look at, this
one says what is so: the status, how the request was signed, the host it named.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any

from colonnade import context
from colonnade.errors import S3Error
from colonnade.logs import fields
from colonnade.logs.appending import LogFile

if TYPE_CHECKING:
    from colonnade.exchange import Exchange

log = logging.getLogger("colonnade.logs")

#: Seconds between two complaints about a log that can't be written.
PAUSE = 60.0

AUTHENTICATION = {"header": "AuthHeader", "query": "QueryString"}


class AccessLog:
    """Lines in a file. While it can't be written requests go on, and stderr is told now and then."""

    def __init__(self, file: LogFile) -> None:
        self.file = file
        self._complained = -PAUSE

    async def record(self, exchange: Exchange, scope: Any, began: float) -> None:
        """See `Log`."""
        if exchange.operation == "Health":
            return
        line = " ".join(values(exchange, scope, time.perf_counter() - began, await _owner(exchange)))
        try:
            self.file.write(line)
        except OSError as error:
            if time.monotonic() - self._complained >= PAUSE:
                self._complained = time.monotonic()
                log.error("access log: %s", error)


def values(exchange: Exchange, scope: Any, seconds: float, owner: str) -> list[str]:
    """The values of a line."""
    target, request, signed = exchange.target, exchange.request, exchange.signed
    headers = request.headers if request is not None else {}
    bucket, key = (target.bucket, target.key) if target is not None else (None, None)
    account = context.caller()
    named = fields.text(f"{bucket or ''}/{key or ''}")
    return [
        fields.text(owner),
        fields.text(bucket),
        fields.moment(time.time() - seconds),
        fields.text(request.client if request is not None else None),
        fields.text(account.access if account is not None else None),
        exchange.request_id,
        f"s3_{exchange.operation}" if exchange.operation else "ActionUnDetected",
        fields.text(key),
        fields.raw(scope),
        str(exchange.status),
        fields.text(exchange.error),
        str(exchange.sent),
        str(_size(exchange)),
        fields.milliseconds(seconds),
        fields.milliseconds(exchange.turned or seconds),
        fields.text(headers.get("referer")),
        fields.text(headers.get("user-agent")),
        fields.text(request.params.get("versionId") if request is not None else None),
        exchange.gateway.host_id,
        "SigV4" if account is not None else "-",
        "-",  # the cipher: the server doesn't say
        AUTHENTICATION[signed.kind] if signed is not None else "-",
        fields.text(headers.get("host")),
        "-",  # the version of TLS
        f"arn:aws:s3:::{named}" if bucket else "-",
        "-",  # whether an ACL was needed: a policy may have allowed it as well
    ]


async def _owner(exchange: Exchange) -> str:
    """Whose the bucket is, as far as that can be told."""
    if exchange.target is None or exchange.target.bucket is None:
        return ""
    try:
        bucket = await exchange.gateway.backend.bucket(exchange.target.bucket)
        return await bucket.owner()
    except S3Error:
        return ""


def _size(exchange: Exchange) -> int:
    """The whole object's, of what was read or written."""
    request = exchange.request
    if exchange.target is None or exchange.target.key is None or request is None or exchange.status >= 300:
        return 0
    if request.method in ("GET", "HEAD"):
        said = {name: value for name, value in exchange.head if name in (b"content-range", b"content-length")}
        text = said.get(b"content-range", b"").rpartition(b"/")[2] or said.get(b"content-length", b"")
    else:
        headers = request.headers
        text = headers.get("x-amz-decoded-content-length", headers.get("content-length", "")).encode()
    return int(text) if text.isdigit() else 0
