"""S3's conditional requests: may this be read, copied, written, deleted as things are now?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from colonnade.errors import S3Error


@dataclass(frozen=True, slots=True)
class Current:
    """What a key holds at the moment. `etag` has its quotes."""

    etag: str
    last_modified: datetime
    size: int


_TAG = re.compile(r'\s*(?:W/)?(?:"([^"]*)"|([^",\s]+))\s*(?:,|$)')


def matches(header: str, etag: str) -> bool:
    """Whether an ETag is in a list of them: ``*`` is any, quotes may be missing, weak ones compare as strong.

    S3 has only strong ETags; proxies weaken them on the way.
    """
    own = etag.strip('"')
    tags = [quoted or bare for quoted, bare in _TAG.findall(header)]
    return own in tags or header.strip() == "*"


def _seconds(moment: datetime) -> int:
    """HTTP dates know no fractions."""
    return int(moment.timestamp())


def _failed(condition: str) -> S3Error:
    return S3Error(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        Condition=condition,
    )


def check_read(arguments: Mapping[str, Any], etag: str, last_modified: datetime, answer: Mapping[str, Any]) -> None:
    """GetObject and HeadObject: IfMatch, IfNoneMatch and the dates, in the order of RFC 9110 §13.2.2.

    A date counts only where the ETag condition beside it is missing, so that a true If-Match with a false
    If-Unmodified-Since is 200, and a false If-None-Match with a true If-Modified-Since is 304, as S3
    documents. Raises PreconditionFailed or NotModified, which tells what `answer` says to caches (§15.4.5).
    """
    if _READ.isdisjoint(arguments):
        return
    failed, unmodified = _judge(arguments, "", etag, last_modified)
    if failed:
        raise _failed(_HEADERS[failed])
    if unmodified:
        kept = {name: answer[name] for name in ("CacheControl", "Expires") if name in answer}
        raise S3Error("NotModified", output={"ETag": etag, "LastModified": last_modified, **kept})


def check_copy_source(arguments: Mapping[str, Any], etag: str, last_modified: datetime) -> None:
    """The CopySourceIf* of CopyObject and UploadPartCopy. Every failure is PreconditionFailed, none 304."""
    failed, unmodified = _judge(arguments, "CopySource", etag, last_modified)
    if failed or unmodified:
        raise _failed(f"x-amz-copy-source-{_HEADERS[failed or unmodified]}")


_READ = frozenset({"IfMatch", "IfNoneMatch", "IfModifiedSince", "IfUnmodifiedSince"})

_HEADERS = {
    "IfMatch": "If-Match",
    "IfNoneMatch": "If-None-Match",
    "IfModifiedSince": "If-Modified-Since",
    "IfUnmodifiedSince": "If-Unmodified-Since",
}


def _judge(arguments: Mapping[str, Any], before: str, etag: str, last_modified: datetime) -> tuple[str, str]:
    """Which condition failed and which says "not modified"; empty where none does."""
    match, since = arguments.get(f"{before}IfMatch"), arguments.get(f"{before}IfUnmodifiedSince")
    if match is not None:
        if not matches(match, etag):
            return "IfMatch", ""
    elif since is not None and _seconds(last_modified) > _seconds(since):
        return "IfUnmodifiedSince", ""
    none, since = arguments.get(f"{before}IfNoneMatch"), arguments.get(f"{before}IfModifiedSince")
    if none is not None:
        if matches(none, etag):
            return "", "IfNoneMatch"
    elif since is not None and _seconds(last_modified) <= _seconds(since):
        return "", "IfModifiedSince"
    return "", ""


#: What a delete may be held to, as DeleteObject and an entry of DeleteObjects name it, and the header's name.
DELETES = {
    "IfMatch": "If-Match",
    "IfMatchLastModifiedTime": "x-amz-if-match-last-modified-time",
    "IfMatchSize": "x-amz-if-match-size",
    "ETag": "If-Match",
    "LastModifiedTime": "x-amz-if-match-last-modified-time",
    "Size": "x-amz-if-match-size",
}


def check_write(arguments: Mapping[str, Any], current: Current | None) -> None:
    """PutObject, CopyObject and CompleteMultipartUpload: IfMatch and IfNoneMatch.

    If-None-Match may only be ``*`` and not be beside If-Match: NotImplemented, whatever is there. If-Match on
    an absent key is NoSuchKey. Else PreconditionFailed.
    """
    check_write_arguments(arguments)
    match = arguments.get("IfMatch")
    if arguments.get("IfNoneMatch") is not None and current is not None:
        raise _failed("If-None-Match")
    if match is None:
        return
    if current is None:
        raise S3Error("NoSuchKey", **({"Key": arguments["Key"]} if "Key" in arguments else {}))
    if not matches(match, current.etag):
        raise _failed("If-Match")


def check_write_arguments(arguments: Mapping[str, Any]) -> None:
    """What of `check_write` can be said before looking at the key, and so before reading a body."""
    none = arguments.get("IfNoneMatch")
    if none is None:
        return
    if arguments.get("IfMatch") is not None:
        raise _unheard_of("If-Match,If-None-Match", "Multiple conditional request headers present in the request")
    if none.strip() != "*":
        raise _unheard_of("If-None-Match", "We don't accept the provided value of If-None-Match header for this API")


def _unheard_of(header: str, why: str) -> S3Error:
    return S3Error(
        "NotImplemented",
        "A header you provided implies functionality that is not implemented",
        Header=header,
        additionalMessage=why,
    )


def check_delete_arguments(arguments: Mapping[str, Any]) -> None:
    """What of a delete can be said before looking at the key, named as for `check_delete`.

    Conditions are judged by the current version alone, as Amazon's user guide says; beside a version's id they are
    NotImplemented, whatever is there.
    """
    if arguments.get("VersionId") and (given := [name for name in DELETES if arguments.get(name) is not None]):
        why = "Conditions can't be judged of a version that is named by its id"
        raise _unheard_of(DELETES[given[0]], why)


def check_delete(arguments: Mapping[str, Any], current: Current | None) -> None:
    """DeleteObject and each entry of DeleteObjects: the ETag, time and size the object must have.

    Reads IfMatch, IfMatchLastModifiedTime, IfMatchSize as DeleteObject has them, or ETag, LastModifiedTime,
    Size as an entry has them. Raises PreconditionFailed, and NoSuchKey for an ETag (or ``*``) of what isn't there, as
    S3 does; to the other two, and to who names no condition, what isn't there is deleted already.
    """
    match = arguments.get("IfMatch", arguments.get("ETag"))
    if current is None:
        if match is not None:
            raise S3Error("NoSuchKey", Key=arguments["Key"])
        return
    if match is not None and not matches(match, current.etag):
        raise _failed("If-Match")
    moment = arguments.get("IfMatchLastModifiedTime", arguments.get("LastModifiedTime"))
    if moment is not None and _seconds(moment) != _seconds(current.last_modified):
        raise _failed("x-amz-if-match-last-modified-time")
    size = arguments.get("IfMatchSize", arguments.get("Size"))
    if size is not None and size != current.size:
        raise _failed("x-amz-if-match-size")
