"""``colonnade serve --config FILE``: any mix of backends behind the endpoint."""

from __future__ import annotations

import os

from colonnade.cli.parse import Given
from colonnade.cli.serving import serve
from colonnade.config import options, pending
from colonnade.config.files import load
from colonnade.config.flags import ConfigError
from colonnade.config.settings import Settings, settle
from colonnade.config.values import resolve


def run(given: Given, flags: Given, arguments: list[str]) -> int:
    """Serve what the file says until told to stop."""
    return serve(read("serve", given, flags, arguments))


def read(command: str, given: Given, flags: Given, arguments: list[str]) -> Settings:
    """The settings of a command that takes a configuration file. Raises ConfigError."""
    if arguments:
        raise ConfigError(f"{command}: unexpected {arguments[0]!r}; the file is given as --config FILE")
    path = resolve(options.CONFIG, flags, os.environ)["config"]
    if not path:
        raise ConfigError(f"{command}: which file? Give --config FILE")
    file = load(path, os.environ)
    values = resolve(options.GLOBAL + pending.GLOBAL, given, os.environ, file.settings)
    return settle(values, file.backends, resolve(options.OVERLAY, {}, {}, file.overlay))
