"""What an access log says of a request: the values of Amazon's server access logs, by the compatible gateway's names.

Where that gateway writes a constant for what it doesn't look at, this one says what is so: the status, how the
request was signed, the host it named.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, TypeAlias

from colonnade import context
from colonnade.errors import S3Error
from colonnade.logs import fields

if TYPE_CHECKING:
    from colonnade.exchange import Exchange

#: Texts as they are (but for RequestURI, which has been cleaned), numbers, and Time in seconds since the epoch.
Values: TypeAlias = dict[str, Any]

AUTHENTICATION = {"header": "AuthHeader", "query": "QueryString"}


async def of(exchange: Exchange, scope: Any, began: float) -> Values:
    """The values, in the order of a line; empty where there is nothing to say."""
    seconds = time.perf_counter() - began
    target, request, signed = exchange.target, exchange.request, exchange.signed
    headers = request.headers if request is not None else {}
    bucket, key = (target.bucket or "", target.key or "") if target is not None else ("", "")
    account = context.caller()
    return {
        "BucketOwner": await _owner(exchange, bucket),
        "Bucket": bucket,
        "Time": time.time() - seconds,
        "RemoteIP": request.client if request is not None else "",
        "Requester": account.access if account is not None else "",
        "RequestID": exchange.request_id,
        "Operation": f"s3_{exchange.operation}" if exchange.operation else "ActionUnDetected",
        "Key": key,
        "RequestURI": fields.raw(scope),
        "HttpStatus": exchange.status,
        "ErrorCode": exchange.error,
        "BytesSent": exchange.sent,
        "ObjectSize": _size(exchange),
        "TotalTime": round(seconds * 1000),
        "TurnAroundTime": round((exchange.turned or seconds) * 1000),
        "Referer": fields.cleaned(headers.get("referer", "")),
        "UserAgent": fields.cleaned(headers.get("user-agent", "")),
        "VersionID": request.params.get("versionId", "") if request is not None else "",
        "HostID": exchange.gateway.host_id,
        "SignatureVersion": "SigV4" if account is not None else "",
        "CipherSuite": "",  # the server doesn't say
        "AuthenticationType": AUTHENTICATION[signed.kind] if signed is not None else "",
        "HostHeader": fields.cleaned(headers.get("host", "")),
        "TLSVersion": "",
        "AccessPointARN": f"arn:aws:s3:::{bucket}/{key}" if bucket else "",
        "AclRequired": "",  # a policy may have allowed it as well
    }


async def _owner(exchange: Exchange, bucket: str) -> str:
    """Whose a bucket is, as far as that can be told."""
    if not bucket:
        return ""
    known = exchange.gateway.backend.remembered(bucket)
    if known is not None and known.owner_known:
        return known.owned_by
    try:
        return await (await exchange.gateway.backend.bucket(bucket)).owner()
    except S3Error:
        return ""


def _size(exchange: Exchange) -> int:
    """The whole object's, of what was read or written."""
    request = exchange.request
    if exchange.target is None or exchange.target.key is None or request is None or exchange.status >= 300:
        return 0
    if request.method in ("GET", "HEAD"):
        head = dict(exchange.head)
        text = head.get(b"content-range", b"").rpartition(b"/")[2] or head.get(b"content-length", b"")
    else:
        headers = request.headers
        text = headers.get("x-amz-decoded-content-length", headers.get("content-length", "")).encode()
    return int(text) if text.isdigit() else 0
