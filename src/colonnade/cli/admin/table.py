"""The commands of ``colonnade admin``, as a table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from colonnade.cli.command import HELP, Command
from colonnade.cli.parse import Given
from colonnade.config import administration
from colonnade.config.flags import Flag


def _asking(name: str) -> Callable[[Given, Given, list[str]], int]:
    """Run one of the commands; `given` are the resolved flags of `admin`."""

    def run(given: Given, flags: Given, _: list[str]) -> int:
        from colonnade.cli.admin import asking

        ask: Any = getattr(asking, name.replace("-", "_"))
        return asking.run(given, lambda client: ask(client, flags))

    return run


def _command(name: str, meaning: str, *own: Flag) -> Command:
    """Flags of `admin` may follow the command, but for those that it has another meaning for."""
    names = {flag.name for flag in own}
    flags = (*own, *(flag for flag in administration.ADMIN if flag.name not in names), HELP)
    return Command(name, "", meaning, flags, _asking(name))


COMMANDS: tuple[Command, ...] = (
    _command("create-user", "make an account; one that is there already is left alone", *administration.CREATE_USER),
    _command("update-user", "change what is given of an account", *administration.UPDATE_USER),
    _command("delete-user", "remove an account", *administration.DELETE_USER),
    _command("list-users", "list the accounts but root's, without their secrets"),
    _command(
        "change-bucket-owner",
        "give a bucket to another, without its policy and grants",
        *administration.CHANGE_BUCKET_OWNER,
    ),
    _command("list-buckets", "list all buckets and their owners"),
    _command("create-bucket", "make a bucket for somebody", *administration.CREATE_BUCKET),
)
