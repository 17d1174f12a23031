"""Bodies that are XML or JSON: read whole, within bounds, and checked against what the request says of them."""

from __future__ import annotations

from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.rules.checksums import ALGORITHMS, Ingest
from colonnade.wire import extras
from colonnade.wire.head import announced
from colonnade.wire.request import Request

#: Header -> argument, of each checksum.
_CHECKSUMS = {f"x-amz-checksum-{name.lower()}": each.argument for name, each in ALGORITHMS.items()}


async def read(operation: str, request: Request, body: Body, checksummed: bool) -> bytes:
    """The body of a request, empty if it has none.

    `checksummed` says that the operation's checksum headers are about its body (elsewhere they are an object's).
    Raises MaxMessageLengthExceeded, BadDigest, InvalidDigest, InvalidRequest.
    """
    data = await bounded(body, extras.BODY_LIMITS.get(operation, extras.MAX_BODY))
    claims = _claims(request, checksummed)
    if claims:
        ingest = Ingest(claims, default=None, md5="ContentMD5" in claims)
        ingest.update(data)
        ingest.finish(body.trailers)
    elif operation in extras.CHECKSUM_REQUIRED:
        raise S3Error("InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
    return data


async def bounded(body: Body, most: int) -> bytes:
    """All of a body, unless it is longer than `most`."""
    if body.length is not None and body.length > most:
        raise S3Error("MaxMessageLengthExceeded", MaxMessageLengthBytes=most)
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in body:
            size += len(piece)
            if size > most:
                raise S3Error("MaxMessageLengthExceeded", MaxMessageLengthBytes=most)
            pieces.append(piece)
    finally:
        await body.aclose()
    return b"".join(pieces)


def _claims(request: Request, checksummed: bool) -> dict[str, str]:
    """What the headers say the body sums to, as arguments."""
    headers = request.headers
    claims = {"ContentMD5": headers["content-md5"]} if "content-md5" in headers else {}
    if checksummed:
        claims |= {_CHECKSUMS[name]: headers[name] for name in _CHECKSUMS.keys() & headers.keys()}
    if "x-amz-trailer" in headers:
        claims["ChecksumAlgorithm"] = announced(headers["x-amz-trailer"])
    return claims
