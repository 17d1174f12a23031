"""Which counters a request moves, and by how much: the compatible gateway's names and tags, so dashboards go on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from colonnade.exchange import Exchange

#: Names and values, in the order they are sent in.
Tags: TypeAlias = tuple[tuple[str, str], ...]

_ACTIONS = {"ListBuckets": "ListAllMyBuckets"}
_CREATING = frozenset({"PutObject", "PostObject", "CopyObject", "CompleteMultipartUpload"})
_READING, _WRITING = frozenset({"GetObject"}), frozenset({"PutObject", "PostObject", "UploadPart"})


def counters(exchange: Exchange) -> Iterator[tuple[str, int]]:
    """The counters of one request. Only what succeeded counts as read, written, made or removed."""
    if exchange.error or exchange.status >= 400:
        yield "failed_count", 1
        return
    yield "success_count", 1
    operation = exchange.operation
    if operation in _WRITING and exchange.body is not None:
        yield "bytes_written", exchange.body.length or 0
    if operation in _READING:
        yield "bytes_read", exchange.sent
    if operation in _CREATING:
        yield "object_created_count", 1
    if operation == "DeleteObject":
        yield "object_removed_count", 1
    elif operation == "DeleteObjects":
        yield "object_removed_count", len(exchange.arguments["Delete"]["Objects"])


def tags(exchange: Exchange, method: str) -> Tags:
    """What is said of a request: method, action, bucket and status."""
    action = exchange.operation or "ActionUnDetected"
    bucket = exchange.target.bucket if exchange.target is not None else None
    found = (("method", method), ("api", "s3"), ("action", _ACTIONS.get(action, action)))
    known = (("bucket", bucket),) if bucket and _is_plain(bucket) else ()
    return (*found, *known, ("status", str(exchange.status)))


def _is_plain(name: str) -> bool:
    """Whether a name can stand in a tag: what no bucket could be called is not told."""
    return name.isascii() and name.replace("-", "").replace(".", "").replace("_", "").isalnum()
