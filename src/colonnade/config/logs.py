"""Where requests are recorded, and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from colonnade.config import metrics
from colonnade.config.flags import ConfigError

if TYPE_CHECKING:
    from colonnade.logs import Log


def build(values: Mapping[str, Any]) -> tuple[Log | None, Log]:
    """The logs of S3's requests, if it is to be kept, and of administrators'; files opened. Raises ConfigError."""
    from colonnade.logs.access import AccessLog
    from colonnade.logs.appending import LogFile
    from colonnade.logs.audit import AuditLog
    from colonnade.logs.together import Together

    def file(flag: str) -> LogFile | None:
        path = values[flag.replace("-", "_")]
        try:
            return LogFile(path) if path else None
        except OSError as error:
            raise ConfigError(f"{flag}: {path}: {error.strerror}") from error

    kept: list[Log] = []
    if values["log_webhook_url"]:
        from colonnade.logs.webhook import WebhookLog

        try:
            kept.append(WebhookLog(values["log_webhook_url"]))
        except ValueError as error:
            raise ConfigError(f"log-webhook-url: {error}") from None
    if (access := file("access-log")) is not None:
        kept.append(AccessLog(access))
    if (counters := metrics.build(values)) is not None:
        kept.append(counters)
    return Together(kept) if kept else None, AuditLog(file("admin-access-log"))


def check(values: Mapping[str, Any]) -> None:
    """Whether logs can be kept: files opened, the webhook reached. Raises ConfigError."""
    url = values["log_webhook_url"]
    if url and values["access_log"]:
        raise ConfigError("log-webhook-url is given beside access-log: choose one")
    build(values)
    if url:
        _reach(url)


def _reach(url: str) -> None:
    """Whether somebody is there. Raises ConfigError, which doesn't say all of the URL."""
    from aiohttp import ClientError

    from colonnade.logs import webhook

    try:
        asyncio.run(webhook.reach(url))
    except (ClientError, OSError) as error:
        raise ConfigError(f"log-webhook-url: {webhook.shown(url)}: {webhook.why(error)}") from None
