"""Versioning: its states, the ids of versions, and what may be asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.errors import S3Error
from colonnade.rules import ulid

#: What GetBucketVersioning tells of a bucket that keeps versions, or did; nothing of one that never did.
ENABLED, SUSPENDED = "Enabled", "Suspended"

#: The id of the version without one: written before there were versions, or while they were suspended.
NULL = "null"

#: What S3 calls a delete marker in the refusal of what can't be done to one.
DELETE_MARKER = "DeleteMarker"

_INVALID = "Invalid version id specified"


def check_id(arguments: Mapping[str, Any]) -> None:
    """Refuse a VersionId that no version can have. Raises InvalidArgument."""
    version = arguments.get("VersionId")
    if version is None or _possible(version):
        return
    if not version:
        raise empty_id()
    raise S3Error("InvalidArgument", _INVALID, ArgumentName="versionId", ArgumentValue=version)


def check_marker(arguments: Mapping[str, Any]) -> None:
    """Refuse a VersionIdMarker that no version can have, if it counts. Raises InvalidArgument."""
    marker = arguments.get("VersionIdMarker")
    if marker and arguments.get("KeyMarker") and not _possible(marker):
        raise S3Error("InvalidArgument", _INVALID, ArgumentName="version-id-marker", ArgumentValue=marker)


def empty_id() -> S3Error:
    """What a version id that is there and empty is refused with."""
    return S3Error(
        "InvalidArgument", "Version id cannot be the empty string", ArgumentName="versionId", ArgumentValue=""
    )


def _possible(version: str) -> bool:
    return version == NULL or ulid.PATTERN.fullmatch(version) is not None


def check_configuration(configuration: Mapping[str, Any]) -> str:
    """The status that PutBucketVersioning asks for, Enabled or Suspended.

    Raises NotImplemented for MFA delete, IllegalVersioningConfigurationException for anything else.
    """
    if configuration.get("MFADelete") == "Enabled":
        raise S3Error("NotImplemented", "MFA delete is not available here.")
    status = configuration.get("Status")
    if status not in ("Enabled", "Suspended"):
        raise S3Error("IllegalVersioningConfigurationException")
    return str(status)
