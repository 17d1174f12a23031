"""GetObjectAttributes: which of an object's attributes the answer names, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from colonnade.backend import Answer
from colonnade.errors import S3Error
from colonnade.rules.checksums import Checksum
from colonnade.rules.multipart import Part
from colonnade.rules.parts import object_parts

_KNOWN = frozenset(("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"))


def check(wanted: Sequence[str]) -> None:
    """Raise InvalidArgument for an attribute S3 doesn't know, InvalidRequest where none is asked for."""
    if not wanted:
        raise missing()
    for name in wanted:
        if name not in _KNOWN:
            raise S3Error(
                "InvalidArgument",
                "Invalid attribute name specified.",
                ArgumentName="x-amz-object-attributes",
                ArgumentValue=name,
            )


def missing() -> S3Error:
    """What a request that names no attribute is refused with."""
    return S3Error(
        "InvalidRequest",
        "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
    )


def describe(
    arguments: Mapping[str, Any],
    *,
    etag: str,
    size: int,
    checksum: Checksum | None,
    parts: Sequence[Part] | None,
    storage_class: str = "STANDARD",
) -> Answer:
    """The members of the answer that ObjectAttributes asks for.

    The ETag is without quotes here, unlike anywhere else in S3. `parts` is None for what was no multipart
    upload. Reads MaxParts and PartNumberMarker.
    """
    wanted = arguments["ObjectAttributes"]
    check(wanted)
    summed = checksum.answer() if checksum else {}
    answer: Answer = {}
    if "ETag" in wanted:
        answer["ETag"] = etag.strip('"')
    if "Checksum" in wanted and summed:
        answer["Checksum"] = summed
    if "ObjectParts" in wanted and parts is not None:
        answer["ObjectParts"] = object_parts(arguments, parts, checksum.argument if checksum else "")
    if "StorageClass" in wanted:
        answer["StorageClass"] = storage_class
    if "ObjectSize" in wanted:
        answer["ObjectSize"] = size
    return answer
