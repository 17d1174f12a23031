"""Which names buckets and keys may have."""

from __future__ import annotations

import ipaddress
import re

from colonnade.errors import S3Error

LONGEST_KEY = 1024

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
#: Reserved by Amazon for names that buckets don't have themselves.
_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def check_bucket(name: str, strict: bool = True) -> None:
    """Raise InvalidBucketName for what can't name a bucket: by all of S3's rules if `strict`.

    Otherwise anything will do that can be one segment of a path.
    """
    good = _good(name) if strict else _segment(name)
    if not good:
        raise S3Error("InvalidBucketName", "The specified bucket is not valid.", BucketName=name)


def _good(name: str) -> bool:
    return (
        _BUCKET.fullmatch(name) is not None
        and ".." not in name
        and not name.startswith(_PREFIXES)
        and not name.endswith(_SUFFIXES)
        and not _address(name)
    )


def _address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return bool(re.fullmatch(r"\d+\.\d+\.\d+\.\d+", name, re.ASCII))
    return True


def _segment(name: str) -> bool:
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name and len(name.encode()) <= 255


def check_key(key: str) -> None:
    """Raise KeyTooLongError for a key of more than 1,024 bytes of UTF-8."""
    size = len(key.encode())
    if size > LONGEST_KEY:
        raise S3Error("KeyTooLongError", "Your key is too long", Size=str(size), MaxSizeAllowed=str(LONGEST_KEY))
