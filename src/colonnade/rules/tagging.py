"""Tags of objects and buckets: how they are written in a header, and which ones S3 takes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus, urlencode

from colonnade.errors import S3Error

OBJECT_LIMIT = 10
BUCKET_LIMIT = 50

Tag = dict[str, str]

#: What nearly all tags are made of.
_PLAIN = re.compile(r"[A-Za-z0-9 +\-=._:/@]*")
_SIGNS = frozenset("+-=._:/@")


def parse_header(header: str) -> list[Tag]:
    """The x-amz-tagging header ``a=b&c=d``, checked. Raises InvalidArgument for a name that comes twice."""
    tags: list[Tag] = []
    if not header:
        return tags
    for pair in filter(None, header.split("&")):
        key, _, value = pair.partition("=")
        try:
            tags.append({"Key": unquote_plus(key, errors="strict"), "Value": unquote_plus(value, errors="strict")})
        except UnicodeDecodeError:
            raise _header(header) from None
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise _header(header)
    check(tags)
    return tags


def to_header(tags: Sequence[Mapping[str, str]]) -> str:
    """Tags as the x-amz-tagging header has them."""
    return urlencode([(tag["Key"], tag["Value"]) for tag in tags])


def _header(value: str) -> S3Error:
    return S3Error(
        "InvalidArgument",
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without "
        "tag name duplicates.",
        ArgumentName="x-amz-tagging",
        ArgumentValue=value,
    )


def check(tags: Sequence[Mapping[str, Any]], limit: int = OBJECT_LIMIT) -> None:
    """Raise BadRequest for more than `limit` tags, InvalidTag for one that S3 doesn't take or has twice."""
    if len(tags) > limit:
        what = "Object tags" if limit == OBJECT_LIMIT else "Bucket tag count"
        raise S3Error("BadRequest", f"{what} cannot be greater than {limit}", status=400)
    seen = set()
    for tag in tags:
        key, value = tag.get("Key", ""), tag.get("Value", "")
        if not 1 <= len(key) <= 128 or not _allowed(key):
            raise _invalid("The TagKey you have provided is invalid", TagKey=key)
        if len(value) > 256 or not _allowed(value):
            raise _invalid("The TagValue you have provided is invalid", TagKey=key, TagValue=value)
        if key.lower().startswith("aws:"):
            raise _invalid("System tags cannot be added/updated by requester", TagKey=key)
        if key in seen:
            raise _invalid("Cannot provide multiple Tags with the same key", TagKey=key)
        seen.add(key)


def _allowed(text: str) -> bool:
    """Letters, numbers and spaces of any script (Unicode's L, N and Z), and a few signs."""
    if _PLAIN.fullmatch(text):
        return True
    return all(character in _SIGNS or unicodedata.category(character)[0] in "LNZ" for character in text)


def _invalid(message: str, **fields: Any) -> S3Error:
    return S3Error("InvalidTag", message, **fields)
