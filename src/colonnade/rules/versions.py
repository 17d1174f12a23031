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


def check_id(arguments: Mapping[str, Any]) -> None:
    """Refuse a VersionId that no version can have. Raises InvalidArgument."""
    version = arguments.get("VersionId")
    if version is None or version == NULL or ulid.PATTERN.fullmatch(version):
        return
    what = "Invalid version id specified" if version else "Version id cannot be the empty string"
    raise S3Error("InvalidArgument", what, ArgumentName="versionId", ArgumentValue=version)


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
