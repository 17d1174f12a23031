"""A bounded memory of what was found out before, for hot paths: two generations, the older one thrown away whole."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Remembered(Generic[K, V]):
    """Values by key, about twice `most` at most; what was asked for lately stays. Looking costs a dict's look-up."""

    __slots__ = ("_most", "_new", "_old")

    def __init__(self, most: int) -> None:
        self._most = most
        self._new: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """A value, None for a key that is not remembered."""
        found = self._new.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def all(self, keys: Sequence[K]) -> list[V | None]:
        """The values of many keys, None for those not remembered."""
        found = list(map(self._new.get, keys))
        if self._old and None in found:
            return [self.get(key) if value is None else value for key, value in zip(keys, found, strict=True)]
        return found

    def put(self, key: K, value: V) -> None:
        """Remember a value."""
        self._make_room()
        self._new[key] = value

    def update(self, pairs: Iterable[tuple[K, V]]) -> None:
        """Remember several values: no more than `most`."""
        self._make_room()
        self._new.update(pairs)

    def _make_room(self) -> None:
        if len(self._new) >= self._most:
            self._old, self._new = self._new, {}


class Twice:
    """Whether something came before: what comes but once is not worth remembering, and pushes out what is.

    Of at least the last `most` things it is known, by their hashes.
    """

    __slots__ = ("_came",)

    def __init__(self, most: int) -> None:
        self._came: Remembered[int, bool] = Remembered(most)

    def before(self, thing: Hashable) -> bool:
        """Whether it did; from now on it has."""
        number = hash(thing)
        if self._came.get(number):
            return True
        self._came.put(number, True)
        return False
