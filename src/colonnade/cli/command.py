"""What a command of the command line is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from colonnade.cli.parse import Given
from colonnade.config.flags import BOOL, Flag, unknown

HELP = Flag("help", BOOL, False, ("h",), (), "say how it is used")


@dataclass(frozen=True)
class Command:
    """A command: `arguments` as help shows them; `run` gets global flags, own flags and arguments.

    One with commands of its own, `nested`, takes flags in front only, and gets the words from theirs on.
    """

    name: str
    arguments: str
    meaning: str
    flags: Sequence[Flag]
    run: Callable[[Given, Given, list[str]], int]
    nested: Sequence[Command] = ()


def find(name: str, commands: Sequence[Command]) -> Command:
    """The command of that name. Raises ConfigError."""
    for command in commands:
        if command.name == name:
            return command
    raise unknown("command line", name, [command.name for command in commands])
