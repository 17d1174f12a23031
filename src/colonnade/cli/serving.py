"""What every serving command does once its settings stand: log, say what is served, serve."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence

from colonnade import __version__
from colonnade.cli.logline import Formatter
from colonnade.config import doors, logs
from colonnade.config.flags import ConfigError
from colonnade.config.settings import Settings


def serve(settings: Settings, show_keys: Callable[[Settings], None] | None = None) -> int:
    """Serve until told to stop; returns the exit status. Raises ConfigError before anything is served.

    `show_keys` shows root keys that were made at random.
    """
    from colonnade import server

    values = settings.values
    log_to_stderr(debug=values["debug"], quiet=values["quiet"])
    settings.backend()  # a mistake is told here, once, rather than by every worker
    settings.accounts()
    logs.check(values)
    (show_keys or show_made_credentials)(settings)
    told = server.ServerSettings(
        doors=tuple(doors.doors(values, settings.workers)),
        gateway_factory=settings.gateway,
        workers=settings.workers,
        socket_perm=values["socket_perm"],
        keep_alive=values["keep_alive"],
        stop_timeout=values["stop_timeout"],
        on_listening=lambda urls: announce(settings, urls),
    )
    try:
        return server.serve(told)
    except server.ListenError as error:
        raise ConfigError(str(error)) from error


def log_to_stderr(*, debug: bool, quiet: bool) -> None:
    """Log to stderr; of other people's libraries only warnings, even in debug."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    level = logging.DEBUG if debug else logging.WARNING if quiet else logging.INFO
    logging.getLogger("colonnade").setLevel(level)


def show_made_credentials(settings: Settings) -> None:
    """Print keys made at random, also when quiet: nobody could sign in otherwise. Never through the log."""
    lines = settings.root.exports_of_made()
    if lines:
        print("# Root credentials made at random, for this run only:", *lines, sep="\n", file=sys.stderr, flush=True)


def announce(settings: Settings, urls: Sequence[Sequence[str]]) -> None:
    """Say what is served and where, by doors, and what a client needs if that was asked for."""
    values, (s3, *more) = settings.values, urls
    if not values["quiet"]:
        print(f"Colonnade {__version__} serves S3 at {', '.join(s3)}", file=sys.stderr)
        for admin in more:
            print(f"  the administrator's API at {', '.join(admin)}", file=sys.stderr)
        for backend in settings.backends:
            print(f"  {backend.role}: {backend.name} ({backend.type})", file=sys.stderr)
        sys.stderr.flush()
    if values["print_env"]:
        lines = [f"export AWS_ENDPOINT_URL={s3[0]}", *settings.root.exports()]
        print(*lines, f"export AWS_REGION={values['region']}", sep="\n", flush=True)
