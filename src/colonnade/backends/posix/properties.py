"""An object's attributes on disk, and what they are in S3's words."""

from __future__ import annotations

import gzip
import json
import mimetypes
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import lockattributes
from colonnade.rules import acl, checksums, metadata, tagging
from colonnade.rules.checksums import Checksum

DIRECTORY_TYPE = "application/x-directory"

#: S3's name -> attribute.
SYSTEM = {
    "ContentType": "content-type",
    "ContentEncoding": "content-encoding",
    "ContentDisposition": "content-disposition",
    "ContentLanguage": "content-language",
    "CacheControl": "cache-control",
    "Expires": "expires",
    "WebsiteRedirectLocation": "website-redirect-location",
    "StorageClass": "colonnade.storage-class",
}

_MEMBERS = {attribute: member for member, attribute in SYSTEM.items()}

TAGS = "X-Amz-Tagging"

#: Absent from what is the bucket owner's and granted to nobody else.
ACL = "colonnade.acl"

#: Checksums of a finished object's parts: gzip of ``{"algorithm": ..., "checksums": [base64, ...]}``.
PART_CHECKSUMS = "colonnade.part-checksums"

_LEGACY = "X-Amz-Meta."


def of_write(arguments: Mapping[str, Any]) -> dict[str, bytes]:
    """The attributes a write's arguments ask for, apart from ETag and checksum. Raises S3Error."""
    kept = metadata.pick(arguments)
    attributes = {SYSTEM[member]: value.encode() for member, value in kept.items() if member in SYSTEM}
    if kept.get("Metadata"):
        attributes["metadata"] = to_json(dict(sorted(kept["Metadata"].items())))
    if tags := tagging.parse_header(arguments.get("Tagging") or ""):
        attributes[TAGS] = tags_to_json(tags)
    return attributes


def of_sums(etag: str, checksum: Checksum | None) -> dict[str, bytes]:
    """The attributes of what was found out about a body."""
    attributes = {"etag": etag.encode()}
    if checksum is not None and checksum.value:
        attributes["checksums"] = checksums.to_json(checksum)
    return attributes


def describe(key: str, attributes: Mapping[str, bytes], etag: str, modified: datetime) -> Answer:
    """What GetObject and HeadObject say of an object, apart from its length and checksum."""
    answer: Answer = {"AcceptRanges": "bytes", "ETag": etag, "LastModified": modified}
    for name, value in attributes.items():
        member = _MEMBERS.get(name)
        if member is not None:
            answer[member] = value.decode(errors="replace")
    answer["Metadata"] = user_metadata(attributes)
    if "ContentType" not in answer:
        answer["ContentType"] = mimetypes.guess_type(key)[0] or metadata.DEFAULT_CONTENT_TYPE
    if tags := attributes.get(TAGS):
        answer["TagCount"] = len(json.loads(tags))
    if raw := attributes.get(ACL):
        answer["AccessControlPolicy"] = acl.from_json(raw)
    return answer | lockattributes.of(attributes).answer()


def user_metadata(attributes: Mapping[str, bytes]) -> dict[str, str]:
    """User metadata by lower-case name; the one-attribute-a-name form of older writers is read too."""
    raw = attributes.get("metadata")
    kept: dict[str, str] = json.loads(raw) if raw else {}
    for name, value in attributes.items():
        if name[0] == "X" and name.startswith(_LEGACY):
            kept.setdefault(name.removeprefix(_LEGACY).lower(), value.decode(errors="replace"))
    return kept


def checksum_of(attributes: Mapping[str, bytes]) -> Checksum | None:
    """An object's checksum, None where none was kept."""
    raw = attributes.get("checksums")
    return checksums.from_json(raw) if raw else None


def upload_of(attributes: Mapping[str, bytes]) -> str:
    """The id of the upload an object was joined from; empty for one that was not."""
    raw = attributes.get("mp-metadata")
    return str(_unpack(raw).get("uploadId", "")) if raw else ""


def part_sizes(attributes: Mapping[str, bytes]) -> list[int] | None:
    """The sizes in bytes of the parts an object was joined from; None for one that was not."""
    raw = attributes.get("mp-metadata")
    if not raw:
        return None
    ends = _unpack(raw)["parts"]
    return [end - start for start, end in zip([0, *ends], ends, strict=False)]


def part_checksums(attributes: Mapping[str, bytes], count: int) -> tuple[str, list[str]]:
    """The algorithm and base64 checksums of an object's `count` parts; empty ones where none were kept."""
    raw = attributes.get(PART_CHECKSUMS)
    kept = _unpack(raw) if raw else {}
    values = kept.get("checksums", ())
    if len(values) != count or kept.get("algorithm") not in checksums.ALGORITHMS:
        return checksums.DEFAULT, [""] * count
    return kept["algorithm"], list(values)


def _unpack(raw: bytes) -> Any:
    """JSON, compressed by newer writers."""
    return json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)


def tags_to_json(tags: Sequence[Mapping[str, str]]) -> bytes:
    """A TagSet as the attribute keeps it, in its order."""
    return to_json({tag["Key"]: tag["Value"] for tag in tags})


def tags_from_json(raw: bytes | None) -> list[dict[str, str]]:
    """The attribute as a TagSet."""
    return [{"Key": key, "Value": value} for key, value in json.loads(raw).items()] if raw else []


def to_json(value: Any) -> bytes:
    """A value as the attributes keep it: compact UTF-8, `<`, `>` and `&` escaped as Go's encoder does."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").encode()
