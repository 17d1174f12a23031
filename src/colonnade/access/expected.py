"""x-amz-expected-bucket-owner and its like for a copy's source: what is meant for another's bucket is refused.

It guards against a bucket that was deleted and made again by somebody else, and so binds root too.
"""

from __future__ import annotations

from colonnade.access.cache import Remembering
from colonnade.errors import S3Error
from colonnade.model import taken
from colonnade.rules import copysource
from colonnade.wire.address import Target
from colonnade.wire.request import Request

_BUCKET, _SOURCE = "x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"


def said(request: Request) -> bool:
    """Whether a request expects anything."""
    return _BUCKET in request.headers or _SOURCE in request.headers


async def check(backend: Remembering, request: Request, target: Target, operation: str) -> None:
    """Raise AccessDenied where a bucket isn't that of whom the request expects; NoSuchBucket.

    Where another service knows the owners it judges by itself. An operation without such a header, as CreateBucket,
    expects nothing by it.
    """
    if not backend.owners:
        return
    headers, takes = request.headers, taken(operation)
    if _BUCKET in headers and _BUCKET in takes and target.bucket is not None:
        await _compare(backend, target.bucket, headers[_BUCKET])
    if _SOURCE in headers and _SOURCE in takes:
        source = copysource.parse_header(headers["x-amz-copy-source"])
        await _compare(backend, source["Bucket"], headers[_SOURCE])


async def _compare(backend: Remembering, name: str, expected: str) -> None:
    bucket = await backend.bucket(name)
    await bucket.owner()
    if bucket.account != expected:
        raise S3Error("AccessDenied")
