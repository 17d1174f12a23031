"""The command line. Kept light: ``colonnade --version`` must not wait for what only a server needs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from colonnade.cli import commands, parse, usage
from colonnade.config.flags import ConfigError

#: New containers between two looks for cycles among them: a start makes a hundred thousand, all of which stay.
GARBAGE = 50_000


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. A mistake is one line on stderr and status 1."""
    gc.set_threshold(GARBAGE)
    try:
        return run(sys.argv[1:] if argv is None else argv)
    except ConfigError as error:
        print(f"colonnade: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # What read our output has seen enough (`| head`); nothing is left to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def run(argv: Sequence[str]) -> int:
    """Read the command line and carry out what it says."""
    given, rest = parse.take_flags(commands.GLOBAL, argv)
    if given.get("version"):
        return usage.version()
    if not rest or given.get("help"):
        return usage.overview()
    name, *words = rest
    if name in ("help", "h"):
        return usage.about(commands.find(words[0]), words[1:]) if words else usage.overview()
    command = commands.find(name)
    if command.nested:
        flags, arguments = parse.take_flags(command.flags, words)
    else:
        flags, arguments = parse.take_all(command.flags, words, commands.GLOBAL)
    if flags.pop("help", False) or (command.nested and not arguments):
        return usage.about(command)
    return command.run(given, flags, arguments)
