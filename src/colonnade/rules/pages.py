"""One page of a listing out of keys in order: what S3's prefix, delimiter, marker and maximum mean together.

Keys are `str` and Python orders those by code point, which is the order of their UTF-8 bytes: S3's. A place
in a listing is one string, the smallest key that may still come ("" is the beginning): after a key that is
the key and a NUL, past a common prefix the first string that no longer begins with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from colonnade.errors import S3Error

#: The most entries that S3 puts on a page.
MOST = 1000

K = TypeVar("K")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Entry = dict[str, Any]


class Cursor(Protocol[T_co]):
    """Goes through keys in order and can leap forward, so that a common prefix needn't be walked through."""

    def seek(self, start: str) -> None:
        """Go on with the first key that is not less than `start`. Only ever called to go forward."""

    def __iter__(self) -> Iterator[tuple[str, T_co]]:
        """The cursor itself."""

    def __next__(self) -> tuple[str, T_co]:
        """The next key and what the source knows of it. The same key may come again (versions, uploads)."""


class SortedCursor(Generic[T]):
    """A cursor over keys that are sorted in memory already, `items` beside them."""

    def __init__(self, keys: Sequence[str], items: Sequence[T]) -> None:
        self._keys = keys
        self._items = items
        self._next = 0

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, T]]) -> SortedCursor[T]:
        """A cursor over pairs that are in order."""
        rows = list(pairs)
        return cls([key for key, _ in rows], [item for _, item in rows])

    def seek(self, start: str) -> None:
        """Leap forward by halving."""
        self._next = bisect_left(self._keys, start, self._next)

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return self

    def __next__(self) -> tuple[str, T]:
        at = self._next
        if at >= len(self._keys):
            raise StopIteration
        self._next = at + 1
        return self._keys[at], self._items[at]


class Expanded(Generic[K, T]):
    """A cursor in which each key of another stands as often as `expand` makes items of it."""

    def __init__(self, cursor: Cursor[K], expand: Callable[[str, K], Iterable[T]]) -> None:
        self._cursor = cursor
        self._expand = expand
        self._pending: Iterator[tuple[str, T]] = iter(())

    def seek(self, start: str) -> None:
        """Go forward to the first key that is not less than `start`."""
        self._pending = iter(())
        self._cursor.seek(start)

    def __iter__(self) -> Iterator[tuple[str, T]]:
        return self

    def __next__(self) -> tuple[str, T]:
        while True:
            for pair in self._pending:
                return pair
            key, item = next(self._cursor)
            self._pending = iter([(key, made) for made in self._expand(key, item)])


def after(key: str) -> str:
    """The place right behind a key."""
    return key + "\0"


def past(prefix: str) -> str | None:
    """The place behind everything that begins with `prefix`, None where nothing can come after it."""
    for end in range(len(prefix), 0, -1):
        code = ord(prefix[end - 1])
        if code < 0x10FFFF:
            # UTF-8 has no surrogates: the code point after U+D7FF is U+E000.
            return prefix[: end - 1] + chr(0xE000 if code == 0xD7FF else code + 1)
    return None


@dataclass(frozen=True, slots=True)
class Query:
    """What a page is asked for: `start` is the place it begins at, None where nothing is left to list."""

    prefix: str
    delimiter: str
    start: str | None
    limit: int

    def common(self, key: str) -> str | None:
        """The common prefix that `key` is rolled up into, None where it stands for itself."""
        if not self.delimiter:
            return None
        at = key.find(self.delimiter, len(self.prefix))
        return None if at < 0 else key[: at + len(self.delimiter)]


def limit_of(value: int | None, argument: str = "max-keys") -> int:
    """How many entries a page may have: 1,000 unless fewer are asked for. Raises InvalidArgument below 0."""
    if value is None:
        return MOST
    check_number(value, argument)
    return min(value, MOST)


def check_number(value: int, argument: str) -> None:
    """Raise InvalidArgument for a number below 0."""
    if value < 0:
        raise S3Error(
            "InvalidArgument",
            f"Argument {argument} must be an integer between 0 and 2147483647",
            ArgumentName=argument,
            ArgumentValue=str(value),
        )


def query(prefix: str | None, delimiter: str | None, marker: str | None, limit: int, start: str | None = "") -> Query:
    """A query for what comes after `marker`, and not before the place `start`.

    A common prefix that is not greater than the marker is left out whole (S3: "CommonPrefixes is filtered out
    from results if it is not lexicographically greater than the key-marker"), keys after the marker or not.
    """
    asked = Query(prefix or "", delimiter or "", "", limit)
    if marker:
        rolled = asked.common(marker) if marker.startswith(asked.prefix) else None
        behind = after(marker) if rolled is None else past(rolled)
        start = None if behind is None or start is None else max(start, behind)
    if start is not None:
        start = max(start, asked.prefix)
    return Query(asked.prefix, asked.delimiter, start, limit)


@dataclass(slots=True)
class Page:
    """What goes on the page. `next` is the place where the next one begins, None where there is no next."""

    entries: list[Entry] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    next: str | None = None
    #: The key or common prefix that came last, and its entry if it was a key.
    last: str = ""
    last_entry: Entry | None = None

    def describe(self, pairs: Sequence[tuple[str, T]], describe: Describe[T]) -> int:
        """Add the entries of keys; how many are still there."""
        made = [entry for entry in describe(pairs) if entry is not None]
        self.entries += made
        if made and made[-1]["Key"] >= self.last:
            self.last, self.last_entry = made[-1]["Key"], made[-1]
        return len(made)

    def roll_up(self, prefix: str) -> None:
        """Add a common prefix; keys before it may still be described."""
        self.prefixes.append(prefix)
        self.last, self.last_entry = prefix, None

    @property
    def common_prefixes(self) -> list[Entry]:
        """The common prefixes in boto3's shape."""
        return [{"Prefix": prefix} for prefix in self.prefixes]


#: Makes the entries of keys and what the source knows of them, all at once, None for each that is gone meanwhile.
Describe = Callable[[Sequence[tuple[str, T]]], Iterable[Entry | None]]


def each(describe: Callable[[str, T], Entry | None]) -> Describe[T]:
    """What describes keys one by one, as what describes many."""
    return lambda pairs: [describe(key, item) for key, item in pairs]


def assemble(cursor: Cursor[T], asked: Query, describe: Describe[T]) -> Page:
    """Fill one page.

    `describe` makes the entries of the keys that go on the page, and only of those. The cursor is asked for one key
    more than the page has, to know whether there is a next one.
    """
    page = Page()
    if asked.limit == 0 or asked.start is None:
        return page
    prefix, room = asked.prefix, asked.limit
    delimiter, beyond = asked.delimiter, len(asked.prefix)
    pending: list[tuple[str, T]] = []
    cursor.seek(asked.start)
    for pair in cursor:
        key = pair[0]
        if not key.startswith(prefix):
            break
        if len(pending) == room:
            room -= page.describe(pending, describe)
            pending = []
            if not room:
                page.next = _behind(page.last, page.last_entry)
                break
        if not delimiter or delimiter not in key[beyond:]:
            pending.append(pair)
            continue
        rolled = asked.common(key) or ""
        page.roll_up(rolled)
        room -= 1
        behind = past(rolled)
        if behind is None:
            break
        cursor.seek(behind)
    page.describe(pending, describe)
    return page


def _behind(last: str, entry: Entry | None) -> str | None:
    return past(last) if entry is None else after(last)
