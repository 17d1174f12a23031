"""What may be true of an overlay's keys, given all that its clients were told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Value:
    """An object: its bytes, which no other write has, and one tag or none."""

    body: bytes
    tag: str = ""
    parts: int = 0

    @property
    def etag(self) -> str:
        """As S3 has it."""
        digest = hashlib.md5(self.body)
        return f'"{hashlib.md5(digest.digest()).hexdigest()}-{self.parts}"' if self.parts else f'"{digest.hexdigest()}"'

    def tagged(self, tag: str) -> Value:
        """The same with another tag."""
        return replace(self, tag=tag)


#: None is a key that isn't there.
State = Value | None


class Model:
    """For each key the states that it may be in, and those that it was in at some time, or that lie below.

    A write that was answered leaves one state; one of which nobody knows what became leaves one more. What is read
    tells which of them it is.
    """

    def __init__(self, layers: Iterable[Mapping[str, Value]], keys: Iterable[str]) -> None:
        self.may: dict[str, set[State]] = {}
        self.past: dict[str, set[State]] = {}
        #: What may come to light when the primary alone forgets a key.
        self.below: dict[str, set[State]] = {}
        for key in keys:
            lying = [layer[key] for layer in layers if key in layer]
            self.below[key] = {lying[0] if lying else None}
            self.may[key] = set(self.below[key])
            self.past[key] = set(lying)

    def wrote(self, key: str, states: Iterable[State], *, sure: bool) -> None:
        """A write that makes one of some states came to its end: answered, or nobody knows."""
        new = set(states)
        self.past[key] |= self.may[key] | new
        self.may[key] = new if sure else self.may[key] | new

    def saw(self, key: str, states: Iterable[State], *, stale: bool = False) -> None:
        """A read found one of some states; `stale`: it was told that this may be of yesterday."""
        found = set(states)
        if stale:
            assert found & (self.past[key] | self.may[key]), f"{key} never was {found}"
            return
        assert found & self.may[key], f"{key} is {found}, and may be {self.may[key]}"
        self.may[key] &= found

    def saw_none(self, key: str) -> None:
        """A read found that it isn't there."""
        self.saw(key, [None])

    def saw_some(self, key: str) -> None:
        """Something found that it is there."""
        self.saw(key, self.there(key))

    def known(self, key: str, *, stale: bool) -> Set[State]:
        """What may be told of a key; by a store that may be stale also what once was there."""
        return self.past[key] | self.may[key] if stale else self.there(key)

    def emptied(self, *, sure: bool) -> None:
        """The bucket was deleted, or nobody knows; what lay below is hidden for good."""
        if not sure and not all(None in may for may in self.may.values()):
            return  # it was not
        for key in self.may:
            if sure:
                self.saw_none(key)
            self.below[key] = {None} if sure else self.below[key] | {None}

    def there(self, key: str) -> set[Value]:
        """The states in which it is there."""
        return {state for state in self.may[key] if state is not None}
