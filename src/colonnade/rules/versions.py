"""Versioning: what may be asked of it, and ids on buckets that were never versioned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from colonnade.errors import S3Error

#: What an id looks like that S3 could have issued; anything else isn't one at all.
_ISSUED = re.compile(r"[A-Za-z0-9._-]{16,1024}")


def check_never_versioned(version_id: str | None, key: str) -> None:
    """Raise NoSuchVersion for an id that may exist elsewhere, InvalidArgument for what no id looks like."""
    if version_id is None or version_id == "null":
        return
    if not _ISSUED.fullmatch(version_id):
        what = "Invalid version id specified" if version_id else "Version id cannot be the empty string"
        raise S3Error("InvalidArgument", what, ArgumentName="versionId", ArgumentValue=version_id)
    raise S3Error("NoSuchVersion", "The specified version does not exist.", Key=key, VersionId=version_id)


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
