"""The commands, as a table: name, flags, what they do."""

from __future__ import annotations

from collections.abc import Callable

from colonnade.cli import command
from colonnade.cli.admin import table as admin_table
from colonnade.cli.command import HELP, Command
from colonnade.cli.parse import Given
from colonnade.config import administration, options, pending
from colonnade.config.flags import BOOL, Flag, not_yet

VERSION = Flag("version", BOOL, False, ("v",), (), "print version and build")

GLOBAL: tuple[Flag, ...] = (VERSION, HELP, *options.GLOBAL, *pending.GLOBAL)


def _posix(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli import posix

    return posix.run(given, flags, arguments)


def _s3(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli import s3

    return s3.run(given, flags, arguments)


def _s3_multi(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli import s3_multi

    return s3_multi.run(given, flags, arguments)


def _serve(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli import serve

    return serve.run(given, flags, arguments)


def _check(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli import check

    return check.run(given, flags, arguments)


def _status(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli import status

    return status.run(given, flags, arguments)


def _tidy(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli import tidy

    return tidy.run(given, flags, arguments)


def _sync(command: str) -> Callable[[Given, Given, list[str]], int]:
    def run(given: Given, flags: Given, arguments: list[str]) -> int:
        from colonnade.cli import sync

        return sync.run(command, given, flags, arguments)

    return run


def _admin(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli.admin import run

    return run.run(given, flags, arguments)


def _test(given: Given, flags: Given, arguments: list[str]) -> int:
    from colonnade.cli import suite

    return suite.run(given, flags, arguments)


#: The fork's own documents write global flags behind this command, where it takes none: here it does.
_S3_MULTI = (*options.S3_MULTI, *(flag for flag in options.GLOBAL if flag.name != "debug"), HELP)

COMMANDS: tuple[Command, ...] = (
    Command("posix", "DIR", "serve one directory", (*options.POSIX, *pending.POSIX, HELP), _posix),
    Command("s3", "", "serve another S3 service", (*options.S3, HELP), _s3),
    Command("s3-multi", "--config FILE", "serve several S3 services as one", _S3_MULTI, _s3_multi),
    Command("serve", "--config FILE", "serve the backends that a file names", (*options.CONFIG, HELP), _serve),
    Command(
        "check",
        "--config FILE",
        "say what serve would do, and ask every backend whether it answers",
        (*options.CONFIG, HELP),
        _check,
    ),
    Command(
        "status",
        "--config FILE",
        "say how the backends are, and what replicas still lack",
        (*options.STATUS, HELP),
        _status,
    ),
    Command(
        "tidy",
        "--config FILE",
        "take away delete markers that hide nothing any more",
        (*options.CONFIG, HELP),
        _tidy,
    ),
    Command(
        "sync",
        "SRC DST",
        "make DST hold what SRC holds: buckets, objects, metadata and tags",
        (*options.SYNC, HELP),
        _sync("sync"),
    ),
    Command(
        "test",
        "[WORD ...]",
        "run the conformance suite, or the tests whose names have a word, against any endpoint",
        (*options.TEST, HELP),
        _test,
    ),
    Command(
        "admin",
        "COMMAND",
        "change accounts and the owners of buckets of a running gateway",
        (*administration.ADMIN, HELP),
        _admin,
        admin_table.COMMANDS,
    ),
    Command("diff", "SRC DST", "compare two places by ETags and checksums", (*options.COMPARE, HELP), _sync("diff")),
    Command("verify", "SRC DST", "compare two places byte by byte", (*options.COMPARE, HELP), _sync("verify")),
)

#: What container files of the fork call a command.
OTHER_NAMES = {"s3multi": "s3-multi"}


def find(name: str) -> Command:
    """The command of that name. Raises ConfigError."""
    name = OTHER_NAMES.get(name, name)
    if name in pending.COMMANDS:
        raise not_yet(f"command {name}")
    return command.find(name, COMMANDS)
