"""``colonnade s3-multi --config FILE``: several S3 services as one, as users of the multi-backend fork have them."""

from __future__ import annotations

import os
import sys

from colonnade.cli.parse import Given
from colonnade.cli.serving import serve
from colonnade.config import fork, options, pending
from colonnade.config.flags import ConfigError
from colonnade.config.settings import Settings, settle
from colonnade.config.values import resolve


def run(given: Given, flags: Given, arguments: list[str]) -> int:
    """Serve the services until told to stop."""
    if arguments:
        raise ConfigError(f"s3-multi: unexpected {arguments[0]!r}; the file is given as --config FILE")
    own = resolve(options.S3_MULTI, flags, os.environ)
    if not own["config"]:
        raise ConfigError("s3-multi: which file? Give --config FILE")
    given = {**given, **{name: value for name, value in flags.items() if name not in own}}
    values = resolve(options.GLOBAL + pending.GLOBAL, given, os.environ)
    backends = fork.load(own["config"], os.environ, debug=own["debug"])
    settings = settle(values, backends, resolve(options.OVERLAY, {}, {}))
    _announce(settings, debug=own["debug"])
    return serve(settings, show_keys=_show_keys)


def _show_keys(settings: Settings) -> None:
    """Keys made at random, also when quiet: nobody could sign in otherwise. Scripts look for these words."""
    for name, label, value in (
        ("AWS_ACCESS_KEY_ID", "ACCESS", settings.root.access),
        ("AWS_SECRET_ACCESS_KEY", "SECRET", settings.root.secret),
    ):
        if name in settings.root.made:
            print(f"⚠️  Generated random {label} KEY: {value}", file=sys.stderr, flush=True)


def _announce(settings: Settings, *, debug: bool) -> None:
    """What is served, on stderr."""
    if debug:
        print(f"{len(settings.backends)} S3 backends:", file=sys.stderr)
        for place, backend in enumerate(settings.backends):
            said = backend.options
            where = f"{said.get('endpoint') or 'AWS'}, region {said.get('region') or 'us-east-1'}"
            print(f"  {place}: {backend.name}, {where}", file=sys.stderr)
    if not settings.values["quiet"]:
        first, *others = [backend.name for backend in settings.backends]
        print(f"{len(settings.backends)} S3 backends initialised; primary: {first}", file=sys.stderr)
        if others:
            print(f"fallbacks: {', '.join(others)}", file=sys.stderr)
