"""Reading the words behind ``colonnade admin``, and what its own flags come to."""

from __future__ import annotations

import os
import sys

from colonnade.cli import parse, usage
from colonnade.cli.admin.table import COMMANDS
from colonnade.cli.command import Command, find
from colonnade.cli.parse import Given
from colonnade.config import administration, options
from colonnade.config.flags import ConfigError
from colonnade.config.values import resolve


def run(given: Given, flags: Given, words: list[str]) -> int:
    """Run the command that the first word names; `flags` are those that stood before it."""
    name, *rest = words
    command = find(name, COMMANDS)
    said, arguments = parse.take_all(command.flags, rest, ())
    if said.pop("help", False):
        return usage.about(command, before="colonnade [global flags] admin [flags]")
    if arguments:
        raise ConfigError(f"{name}: unexpected {arguments[0]!r}")
    own = _own(command)
    for flag in command.flags:
        if flag.required and flag.key in own and said.get(flag.key) is None:
            raise ConfigError(f"{name}: give --{flag.name}")
    mine = {key: value for key, value in said.items() if key in own}
    if mine.get("secret") == "-":  # arguments of a process are there for all users of a machine to see
        mine["secret"] = sys.stdin.readline().rstrip("\r\n")
        if not mine["secret"]:
            raise ConfigError(f"{name}: no secret came from standard input")
    behind = {key: value for key, value in said.items() if key not in own}
    return command.run(settle(given, {**flags, **behind}), mine, [])


def settle(given: Given, flags: Given) -> Given:
    """The flags of `admin` with environment and defaults, root's keys for those of an administrator."""
    values = resolve(administration.ADMIN, flags, os.environ)
    root = resolve((flag for flag in options.GLOBAL if flag.name in ("access", "secret")), given, os.environ)
    values |= {key: values[key] or root[key] for key in root}
    for key in ("endpoint_url", "access", "secret"):
        if not values[key]:
            raise ConfigError(f"admin: give --{key.replace('_', '-')}, before the command")
    return values


def _own(command: Command) -> set[str]:
    """The keys of a command's own flags."""
    return {flag.key for flag in command.flags if flag not in administration.ADMIN}
