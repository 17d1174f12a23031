"""Names in arguments and answers: the few members of S3's shapes that hold a bucket's name or a key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.layers.bucketmap.names import Place

#: Arguments that are keys, or beginnings of keys.
_KEYS = ("Key", "Prefix", "StartAfter", "Marker", "KeyMarker")
#: Members of answers that are.
_ANSWERED = (*_KEYS, "NextMarker", "NextKeyMarker")
#: Lists of entries that have a key or a prefix.
_LISTS = ("Contents", "CommonPrefixes", "Versions", "DeleteMarkers", "Uploads", "Deleted", "Errors")


#: Operations that list all keys unless told a prefix.
_LISTINGS = frozenset({"ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2"})


def arguments_of(operation: str, arguments: Arguments, place: Place) -> Arguments:
    """A client's arguments as the backend takes them."""
    passed = {**arguments, "Bucket": place.bucket}
    if not place.prefix:
        return passed
    if operation in _LISTINGS:
        passed.setdefault("Prefix", "")
    for name in _KEYS:
        if name in passed:
            passed[name] = place.prefix + (passed[name] or "")
    if "Delete" in passed:
        entries = [{**entry, "Key": place.prefix + entry["Key"]} for entry in passed["Delete"]["Objects"]]
        passed["Delete"] = {**passed["Delete"], "Objects": entries}
    return passed


def answer_of(answer: Answer, bucket: str, place: Place) -> Answer:
    """A backend's answer as the client is given it."""
    said = dict(answer)
    for name in ("Name", "Bucket"):
        if said.get(name) == place.bucket:
            said[name] = bucket
    if not place.prefix:
        return said
    strip = _stripper(place.prefix)
    for name in _ANSWERED:
        if isinstance(said.get(name), str):
            said[name] = strip(said[name])
    for name in _LISTS:
        if name in said:
            entries = [_entry(entry, strip) for entry in said[name]]
            # What stands for the folder itself is no key of the bucket.
            said[name] = [entry for entry in entries if entry.get("Key") != "" and entry.get("Prefix") != ""]
    if "KeyCount" in said:
        said["KeyCount"] = len(said.get("Contents", ())) + len(said.get("CommonPrefixes", ()))
    return said


def _entry(entry: dict[str, Any], strip: Callable[[str], str]) -> dict[str, Any]:
    return {name: strip(value) if name in ("Key", "Prefix") else value for name, value in entry.items()}


def _stripper(prefix: str) -> Callable[[str], str]:
    return lambda key: key.removeprefix(prefix)
