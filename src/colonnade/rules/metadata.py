"""What is kept beside an object's bytes: the system properties S3 knows by name, and the user's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from colonnade.errors import S3Error

#: The properties that clients set on writing, and get back on reading.
SYSTEM = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "StorageClass",
    "WebsiteRedirectLocation",
)

_SYSTEM = frozenset(SYSTEM)

DEFAULT_CONTENT_TYPE = "binary/octet-stream"

LARGEST = 2048


def check_size(metadata: Mapping[str, str]) -> None:
    """Raise MetadataTooLarge for more than 2 KiB, names and values together, counted as UTF-8."""
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > LARGEST:
        raise S3Error(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            Size=str(size),
            MaxSizeAllowed=str(LARGEST),
        )


def check_redirect(location: str) -> None:
    """Raise InvalidRedirectLocation for a website redirect that leads nowhere."""
    if not location.startswith(("/", "http://", "https://")):
        raise S3Error(
            "InvalidRedirectLocation",
            "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
        )
    if len(location.encode()) > LARGEST:
        raise S3Error(
            "InvalidRedirectLocation", f"The length of website redirect location cannot exceed {LARGEST:,} characters."
        )


def pick(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What of a write's arguments is kept: the system properties, as text, and Metadata if there is any.

    Names of metadata come out in lower case, as S3 gives them back. ContentType is always there;
    STANDARD, being what no storage class means, never. Raises MetadataTooLarge, InvalidRedirectLocation.
    """
    kept: dict[str, Any] = {}
    if not _SYSTEM.isdisjoint(arguments):
        kept = {name: _text(arguments[name]) for name in SYSTEM if arguments.get(name)}
    if "WebsiteRedirectLocation" in kept:
        check_redirect(kept["WebsiteRedirectLocation"])
    kept.setdefault("ContentType", DEFAULT_CONTENT_TYPE)
    if kept.get("StorageClass") == "STANDARD":
        del kept["StorageClass"]
    if given := arguments.get("Metadata"):
        metadata = {name.lower(): value for name, value in given.items()}
        check_size(metadata)
        kept["Metadata"] = metadata
    return kept


def _text(value: Any) -> str:
    """Expires may be a datetime in boto3; S3 keeps and returns it as an HTTP date."""
    if isinstance(value, datetime):
        return format_datetime(value.astimezone(UTC), usegmt=True)
    return str(value)
