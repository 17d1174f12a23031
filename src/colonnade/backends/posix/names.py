"""Where a key lies in the directory tree, and which keys no file can bear.

A filesystem can't hold every key S3 allows. Such a key is never bent into another one: writing it is refused
with 400 and a sentence, reading it says NoSuchKey and deleting it does nothing, since nothing can be there
(so that, of several backends as one, another may still hold it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from colonnade.errors import S3Error
from colonnade.rules import names as rules

#: The hidden work area in every bucket.
TMP = ".sgwtmp"

#: Bytes of UTF-8 that one name in a directory may have.
LONGEST_SEGMENT = 255

_STRAY = re.compile(r"\..*\.sgwtmp\.[0-9]+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Where:
    """A key's place. Paths are relative to the served directory and end without a slash."""

    bucket: str
    key: str
    #: The directory it lies in: ``bucket/a``; the bucket itself for a key without a slash.
    parent: str
    #: Its name in there.
    name: str
    #: Whether the key ends with a slash, and so names a directory object.
    directory: bool
    #: ``bucket/a/b``.
    path: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", f"{self.parent}/{self.name}")


def hidden(name: str) -> bool:
    """Whether a name in a directory is the gateway's own: the work area, or what a crash left of a rename."""
    return name == TMP or (name[:1] == "." and _STRAY.fullmatch(name) is not None)


def unfit(key: str) -> str | None:
    """Why no file can bear this key, None if one can."""
    if "\0" in key:
        return "a key with a NUL byte"
    segments = (key[:-1] if key.endswith("/") else key).split("/")
    for segment in segments:
        if not segment:
            return "a key with an empty segment (a leading slash, or two in a row)"
        if segment in (".", ".."):
            return "a key with a segment '.' or '..'"
        if hidden(segment):
            return f"a key with the reserved segment {segment!r}"
        try:
            size = len(segment.encode())
        except UnicodeEncodeError:
            return "a key that is not valid Unicode"
        if size > LONGEST_SEGMENT:
            return f"a key with a segment of more than {LONGEST_SEGMENT} bytes"
    return None


def _where(bucket: str, key: str) -> Where:
    path, _, name = (key[:-1] if key.endswith("/") else key).rpartition("/")
    return Where(bucket, key, f"{bucket}/{path}" if path else bucket, name, key.endswith("/"))


@lru_cache(4096)
def check_bucket(bucket: str) -> None:
    """Raise InvalidBucketName for what can't be the name of a bucket's directory here."""
    rules.check_bucket(bucket, strict=False)
    if bucket == TMP:
        raise S3Error("InvalidBucketName", BucketName=bucket)


@lru_cache(4096)
def find(bucket: str, key: str) -> Where:
    """The place of a key that is to be read or deleted. Raises KeyTooLongError, NoSuchKey where there can't be one."""
    check_bucket(bucket)
    rules.check_key(key)
    if unfit(key) is not None:
        raise S3Error("NoSuchKey", Key=key)
    return _where(bucket, key)


def place(bucket: str, key: str) -> Where:
    """The place of a key that is to be written. Raises KeyTooLongError, InvalidArgument."""
    check_bucket(bucket)
    rules.check_key(key)
    reason = unfit(key)
    if reason is None:
        return _where(bucket, key)
    if "bytes" in reason:
        raise S3Error("KeyTooLongError", f"Your key is too long: this filesystem can't hold {reason}.")
    raise S3Error(
        "InvalidArgument", f"This backend keeps objects as files and can't hold {reason}.", ArgumentName="Key"
    )
