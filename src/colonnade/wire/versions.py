"""Pages of ListObjectVersions: a key's versions and delete markers stand in one order, the newest first.

boto3 has two lists of them, and so have our answers. S3 writes them as they followed each other, and clients that read
the document itself go by that: mc, the AWS SDK for Java 1. Within a second nothing else tells what came first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from colonnade.model import OPERATIONS
from colonnade.rules import ulid
from colonnade.wire import markup, uri
from colonnade.wire.markup import Append

_MEMBERS = {member.name: member for member in OPERATIONS["ListObjectVersions"].output.body}
_LISTS = ("Versions", "DeleteMarkers")

_rest = markup.content(tuple(member for name, member in _MEMBERS.items() if name not in _LISTS))
_versions, _markers = (markup.element(_MEMBERS[name]) for name in _LISTS)

Row = Mapping[str, Any]


def page(answer: Mapping[str, Any], append: Append) -> None:
    """The inside of ListObjectVersions' answer, each list of which is in order."""
    _rest(answer, append)
    versions: Sequence[Row] = answer.get("Versions") or ()
    encoded = answer.get("EncodingType") == "url"
    at = 0
    for marker in answer.get("DeleteMarkers") or ():
        end = at
        while end < len(versions) and _before(versions[end], marker, encoded):
            end += 1
        _versions(versions[at:end], append)
        _markers((marker,), append)
        at = end
    _versions(versions[at:], append)


def _before(version: Row, marker: Row, encoded: bool) -> bool:
    """Whether a version stands before a delete marker: by key, and those of one key by age."""
    one, other = version.get("Key", ""), marker.get("Key", "")
    if one != other:
        return uri.decode(one.encode()) < uri.decode(other.encode()) if encoded else bool(one < other)
    if version.get("IsLatest") or marker.get("IsLatest"):
        return bool(version.get("IsLatest"))
    ids = version.get("VersionId", ""), marker.get("VersionId", "")
    if all(map(ulid.PATTERN.fullmatch, ids)):  # our own: issued in rising order
        return bool(ids[0] > ids[1])
    moments = version.get("LastModified"), marker.get("LastModified")
    return None not in moments and bool(moments[0] > moments[1])  # type: ignore[operator]
