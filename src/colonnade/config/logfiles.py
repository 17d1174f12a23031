"""The files that requests are recorded in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from colonnade.config.flags import ConfigError

if TYPE_CHECKING:
    from colonnade.logs import Log


def logs(values: Mapping[str, Any]) -> tuple[Log | None, Log]:
    """The logs of S3's requests, if it is to be kept, and of administrators'; files opened. Raises ConfigError."""
    from colonnade.logs.access import AccessLog
    from colonnade.logs.appending import LogFile
    from colonnade.logs.audit import AuditLog

    def file(flag: str) -> LogFile | None:
        path = values[flag.replace("-", "_")]
        try:
            return LogFile(path) if path else None
        except OSError as error:
            raise ConfigError(f"{flag}: {path}: {error.strerror}") from error

    access = file("access-log")
    return AccessLog(access) if access is not None else None, AuditLog(file("admin-access-log"))
