"""Version ids: ULIDs, which sort by the millisecond they were made in, and rise within it."""

from __future__ import annotations

import re
import secrets
import time

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}
_RANDOM_BITS = 80

#: What an id looks like.
PATTERN = re.compile(f"[{_LETTERS}]{{26}}")

#: As long as an id, to keep its place.
PLACEHOLDER = "0" * 26


def new(after: str = "") -> str:
    """An id greater than `after`, an older one or nothing, whatever the clock says."""
    number = (time.time_ns() // 1_000_000) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return _text(max(number, _number(after) + 1) if after else number)


def lowest(milliseconds: int) -> str:
    """What no id of a moment since the epoch is below."""
    return _text(milliseconds << _RANDOM_BITS)


def milliseconds(identity: str) -> int:
    """When an id was made, since the epoch."""
    return _number(identity) >> _RANDOM_BITS


def _number(text: str) -> int:
    number = 0
    for letter in text:
        number = number << 5 | _VALUES[letter]
    return number


def _text(number: int) -> str:
    return "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(26)))
