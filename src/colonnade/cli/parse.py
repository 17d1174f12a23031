"""Reading the command line by the tables of settings.

Its own few lines, because the compatible gateway takes long names after one dash and short forms of several
letters (``-port :80``, ``-mc 100``). argparse guesses abbreviations and click takes ``-mc`` for ``-m -c``; both
would also want the flags declared a second time, beside the tables that environment, files and docs use.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from colonnade.config.flags import BOOL, LIST, ConfigError, Flag, not_yet, unknown

Given = dict[str, Any]


def take_flags(flags: Sequence[Flag], words: Sequence[str]) -> tuple[Given, list[str]]:
    """The flags in front, read, and the words from the first that is none."""
    given: Given = {}
    left = list(words)
    while left and left[0].startswith("-") and left[0] != "-":
        word = left.pop(0)
        if word == "--":
            break
        _take(flags, word, left, given)
    return given, left


def take_all(flags: Sequence[Flag], words: Sequence[str], elsewhere: Sequence[Flag]) -> tuple[Given, list[str]]:
    """The flags wherever they stand, and the other words; flags of `elsewhere` are told where they belong."""
    given: Given = {}
    arguments: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if word == "--":
            return given, arguments + left
        if not word.startswith("-") or word == "-":
            arguments.append(word)
            continue
        if _find(flags, word)[0] is None and _find(elsewhere, word)[0] is not None:
            raise ConfigError(f"{word.partition('=')[0]} is a global flag: it goes before the command")
        _take(flags, word, left, given)
    return given, arguments


def _take(flags: Sequence[Flag], word: str, left: list[str], given: Given) -> None:
    """Read one flag, its value from the word itself or from the next."""
    flag, value = _find(flags, word)
    shown = word.partition("=")[0]
    if flag is None:
        raise unknown("command line", shown, [f"--{flag.name}" for flag in flags if flag.available])
    if not flag.available:
        raise not_yet(f"flag {shown}")
    if value is None and flag.kind is BOOL:
        value = "true"
    if value is None:
        if not left:
            raise ConfigError(f"flag {shown} needs a value: {flag.kind.allowed}")
        value = left.pop(0)
    read = flag.read(value, f"flag {shown}")
    if flag.kind is BOOL and shown.lstrip("-") == f"no-{flag.name}":
        read = not read
    given[flag.key] = given.get(flag.key, ()) + read if flag.kind is LIST else read


def _find(flags: Sequence[Flag], word: str) -> tuple[Flag | None, str | None]:
    """The flag a word names, if any, and the value after its ``=``, if any."""
    name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
    for flag in flags:
        if name in (flag.name, *flag.aliases) or (flag.kind is BOOL and name == f"no-{flag.name}"):
            return flag, value if equals else None
    return None, None
