"""Patterns of policies: ``*`` for any text, ``?`` for one character, ``${...}`` for what is known of the request.

Matched by searching piece after piece from the left, which is right as stars don't care how much they take, and
can't be made slow by a pattern with many of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

#: What is known of a request: names of condition keys in lower case -> values.
Facts: TypeAlias = Mapping[str, Sequence[str]]


class Besides(dict[str, Sequence[str]]):
    """Facts that stand before others, which have the rest."""

    def __init__(self, first: Facts, rest: Facts) -> None:
        super().__init__(first)
        self.rest = rest

    def get(self, key: str, default: Any = None) -> Any:
        """The values of a key."""
        return self[key] if key in self else self.rest.get(key, default)


_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_DEFAULT = re.compile(r"""\s*(.*?)\s*,\s*'(.*)'\s*$""", re.DOTALL)


def matches(pattern: str, text: str, facts: Facts | None = None) -> bool:
    """Whether the whole text is of a pattern. With `facts`, variables stand for them; one not known matches nothing."""
    if facts is None or "${" not in pattern:
        if "?" not in pattern:  # most patterns have no wildcard at all, or one star at the end
            star = pattern.find("*")
            if star < 0:
                return pattern == text
            if star == len(pattern) - 1:
                return text.startswith(pattern[:-1])
        return _fits(_compiled(pattern), text)
    spelled = spell(pattern, facts, quoted=True)
    return spelled is not None and _fits(_compiled(spelled, quoted=True), text)


class AnyOf:
    """Several patterns, without variables, as one test: most are a text, or a text and a star."""

    __slots__ = ("_beginnings", "_others", "_texts")

    def __init__(self, patterns: Iterable[str]) -> None:
        kinds: dict[str, list[str]] = {"text": [], "beginning": [], "other": []}
        for pattern in patterns:
            wild = pattern.rstrip("*") if pattern.endswith("*") else pattern
            kind = "other" if "*" in wild or "?" in wild else "beginning" if wild != pattern else "text"
            kinds[kind].append(wild if kind == "beginning" else pattern)
        self._texts = frozenset(kinds["text"])
        self._beginnings = tuple(kinds["beginning"])
        self._others = tuple(kinds["other"])

    def fits(self, text: str) -> bool:
        """Whether the whole text is of one of the patterns."""
        if text in self._texts or text.startswith(self._beginnings):
            return True
        return bool(self._others) and any(_fits(_compiled(pattern), text) for pattern in self._others)


def spell(pattern: str, facts: Facts | None, *, quoted: bool = False) -> str | None:
    """A text with its variables replaced, None if one isn't known; as it is without `facts`.

    `quoted` puts a backslash before everything that came out of a variable, or was one in the pattern.
    """
    if facts is None:
        return pattern
    pieces: list[str] = []
    end = 0
    for found in _VARIABLE.finditer(pattern):
        value = _value(found[1], facts)
        if value is None:
            return None
        before = pattern[end : found.start()]
        pieces += [before.replace("\\", "\\\\"), _quote(value)] if quoted else [before, value]
        end = found.end()
    rest = pattern[end:]
    return "".join([*pieces, rest.replace("\\", "\\\\") if quoted else rest])


def _value(name: str, facts: Facts) -> str | None:
    if name in ("*", "?", "$"):
        return name
    default = None
    with_default = _DEFAULT.match(name)
    if with_default:
        name, default = with_default[1], with_default[2]
    values = facts.get(name.strip().lower(), ())
    return values[0] if len(values) == 1 else default


def _quote(value: str) -> str:
    return "".join(f"\\{character}" for character in value)


@lru_cache(1024)
def _compiled(pattern: str, quoted: bool = False) -> tuple[re.Pattern[str], ...]:
    """The pieces between the stars."""
    pieces = [""]
    characters = iter(pattern)
    for character in characters:
        if character == "*":
            pieces.append("")
        elif character == "?":
            pieces[-1] += "."
        else:
            pieces[-1] += re.escape(next(characters, "\\") if quoted and character == "\\" else character)
    return tuple(re.compile(piece, re.DOTALL) for piece in pieces)


def _fits(pieces: Sequence[re.Pattern[str]], text: str) -> bool:
    if len(pieces) == 1:
        return pieces[0].fullmatch(text) is not None
    first = pieces[0].match(text)
    if first is None:
        return False
    at = first.end()
    for piece in pieces[1:-1]:
        found = piece.search(text, at)
        if found is None:
            return False
        at = found.end()
    length = _length(pieces[-1])
    return len(text) - length >= at and pieces[-1].fullmatch(text, len(text) - length) is not None


@lru_cache(1024)
def _length(piece: re.Pattern[str]) -> int:
    """How many characters a piece takes: one for each, a backslash apart."""
    return len(re.sub(r"\\(.)", r"\1", piece.pattern, flags=re.DOTALL))
