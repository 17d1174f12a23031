"""Values of any shape of S3's model, made up from a seed: what round trips are fed with."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from colonnade.model import Member, Message, Shape

#: What headers can hold, and what elements and query parameters can.
_PLAIN = "abcXYZ019 .,:;=/+*'\"()[]{}<>&%~_-"
_ANY = _PLAIN + "\täñ汉🐍\n"


class Maker:
    """Makes values; the same seed makes the same ones. A `full` one leaves no member out."""

    def __init__(self, seed: str, *, full: bool) -> None:
        self.random = random.Random(seed)
        self.full = full

    def members(self, message: Message, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        """A value for every member of a message, or for those required and some others."""
        made: dict[str, Any] = {}
        places = (*message.query, *message.headers, *message.body)
        for member in (*places, *filter(None, (message.payload, message.prefix))):
            if member.name not in without and self._wanted(member, message.required):
                made[member.name] = self.member(member)
        return made

    def member(self, member: Member) -> Any:
        """A value of one member, fit for the place it goes to."""
        if member.location == "headers":
            return {f"{name}-{self.random.randrange(9)}": self._text(_PLAIN) for name in ("a", "bc")}
        return self._value(member.shape, _PLAIN if member.location == "header" else _ANY)

    def _wanted(self, member: Member, required: frozenset[str]) -> bool:
        return self.full or member.name in required or self.random.random() < 0.4

    def _value(self, shape: Shape, alphabet: str) -> Any:
        made: dict[str, Callable[[], Any]] = {
            "integer": lambda: self.random.randrange(1, 1000),
            "long": lambda: self.random.randrange(2**40),
            "boolean": lambda: True,
            "timestamp": lambda: datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC) + timedelta(self.random.randrange(999)),
            "blob": lambda: self.random.randbytes(30),
            "string": lambda: self.random.choice(shape.enum) if shape.enum else self._text(alphabet),
            "list": lambda: self._list(shape, alphabet),
            "structure": lambda: self._structure(shape, alphabet),
        }
        return made[shape.kind]()

    def _list(self, shape: Shape, alphabet: str) -> list[Any]:
        assert shape.item is not None
        return [self._value(shape.item, alphabet) for _ in range(self.random.randint(1, 3))]

    def _structure(self, shape: Shape, alphabet: str) -> dict[str, Any]:
        required = shape.required | {"PartNumber", "ETag", "Parts", "Grants", "Status", "Key", "Prefix"}
        chosen = [m for m in shape.members if self._wanted(m, required)] or list(shape.members[:1])
        return {member.name: self._value(member.shape, alphabet) for member in chosen}

    def _text(self, alphabet: str) -> str:
        middle = "".join(self.random.choices(alphabet, k=self.random.randint(0, 12)))
        return f"x{middle}x"
