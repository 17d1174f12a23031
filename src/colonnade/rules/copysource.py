"""What a copy is made from, in the three ways it is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

from colonnade.errors import S3Error
from colonnade.rules.versions import empty_id

_VERSION = "?versionId="


def parse(value: str | Mapping[str, Any]) -> dict[str, str]:
    """boto3's CopySource, a dict or ``bucket/key[?versionId=v]``, as {"Bucket", "Key"[, "VersionId"]}.

    Raises InvalidArgument where bucket or key are missing.
    """
    if isinstance(value, str):
        return _split(value, value)
    source = {name: str(value[name]) for name in ("Bucket", "Key", "VersionId") if value.get(name)}
    if "Bucket" not in source or "Key" not in source:
        raise _wrong(str(value))
    return source


def parse_header(header: str) -> dict[str, str]:
    """The x-amz-copy-source header: percent-encoded, with or without a slash in front. Raises InvalidArgument."""
    path, mark, version = header.partition(_VERSION)
    try:
        # As S3 reads it, a plus is a space: s5cmd writes it so, and a client with a plus in a key writes %2B.
        decoded = unquote_to_bytes(path.replace("+", " ")).decode()
    except UnicodeDecodeError:
        raise _wrong(header) from None
    source = _split(decoded, header, versioned=False)
    if mark and not version:  # what names a version and says none would copy another one
        raise empty_id()
    return source | {"VersionId": version} if mark else source


def _split(text: str, given: str, versioned: bool = True) -> dict[str, str]:
    path, _, version = text.partition(_VERSION) if versioned else (text, "", "")
    bucket, _, key = path.removeprefix("/").partition("/")
    if not bucket or not key:
        raise _wrong(given)
    return {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {})


def _wrong(value: str) -> S3Error:
    return S3Error(
        "InvalidArgument",
        "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
        ArgumentName="x-amz-copy-source",
        ArgumentValue=value,
    )
