"""``colonnade posix DIR``: one directory behind the endpoint."""

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
    """Serve the directory until told to stop."""
    if len(arguments) != 1:
        raise ConfigError(f"posix: give the one directory to serve, not {len(arguments)}: colonnade posix DIR")
    values = resolve(options.GLOBAL + pending.GLOBAL, given, os.environ)
    own = resolve(options.POSIX + pending.POSIX, flags, os.environ)
    backend = BackendConfig("posix", "posix", "primary", "command posix", {"path": arguments[0], **own})
    return serve(settle(values, [backend]))
