"""``colonnade s3``: another S3 service behind the endpoint."""

from __future__ import annotations

import os

from colonnade.cli.parse import Given
from colonnade.cli.serving import serve
from colonnade.config import options, pending
from colonnade.config.files import BackendConfig
from colonnade.config.flags import ConfigError
from colonnade.config.settings import settle
from colonnade.config.values import resolve


def run(given: Given, flags: Given, arguments: list[str]) -> int:
    """Serve the service until told to stop."""
    if arguments:
        raise ConfigError(f"s3: unexpected {arguments[0]!r}; name the service as --endpoint URL")
    values = resolve(options.GLOBAL + pending.GLOBAL, given, os.environ)
    own = resolve(options.S3, flags, os.environ)
    return serve(settle(values, [BackendConfig("s3", "s3", "primary", "command s3", own)]))
