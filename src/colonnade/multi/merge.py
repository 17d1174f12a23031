"""Merging sorted listings: one stream of entries for each layer, and the smallest head of them all.

A place in a merged listing is one string that everything to come is greater than: a key, or a common prefix
with the greatest character behind it. Any layer can be asked to go on from there (StartAfter), so a token
needs nothing else, and it means the same to every worker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from colonnade.multi.markers import BEHIND_RESERVED, RESERVED, reserved
from colonnade.multi.members import Kind, Member, Outcome, unavailable

#: No key of a common prefix sorts behind the prefix followed by this.
GREATEST = "\U0010ffff"


#: A line of a listing: the entry of a key, or of a common prefix.
Entry = dict[str, Any]


def is_prefix(entry: Entry) -> bool:
    """Whether a line is a common prefix."""
    return "Key" not in entry


@dataclass(slots=True)
class Stream:
    """The listing of one layer from `place` on, a page at a time; `more` says that there may be another page.

    `arguments` are those of ListObjectsV2. Our own keys are leapt over. In hand are the lines `at` and behind, their
    names beside them: a page of a thousand is gone through often, so nothing is made of its lines.
    """

    member: Member
    arguments: dict[str, Any]
    place: str
    more: bool = True
    absent: Outcome | None = None
    names: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    at: int = 0

    @property
    def dry(self) -> bool:
        """Whether nothing is in hand although there may be more."""
        return self.more and self.at == len(self.names)

    @property
    def has_any(self) -> bool:
        """Whether a line is in hand."""
        return self.at < len(self.names)

    async def fill(self) -> None:
        """Have a line in hand, unless there is none left. Raises S3Error for what the layer refuses."""
        while self.dry:
            await self._fetch()

    async def _fetch(self) -> None:
        asked = dict(self.arguments)
        if self.place:
            asked["StartAfter"] = self.place
        outcome = await self.member.ask("ListObjectsV2", asked)
        self.more = False
        if outcome.kind is Kind.ABSENT:
            self.absent = outcome
        if outcome.kind is Kind.ABSENT or (outcome.kind is Kind.UNREACHABLE and self.member.may_be_missed):
            return
        page = outcome.take()
        self.more = bool(page.get("IsTruncated"))
        before = self.place
        names, entries = _lines(page)
        if names:
            self.place = _behind(names[-1], entries[-1])
        self.at, self.names, self.entries = 0, *_wanted(names, entries, before)
        if reserved(self.place):
            self.place = max(self.place, BEHIND_RESERVED)
        if self.more and self.place <= before:
            # It would give us the same page for ever.
            raise unavailable(self.member)


def _lines(page: Mapping[str, Any]) -> tuple[list[str], list[Entry]]:
    """The lines of a page in order, and their names."""
    entries: list[Entry] = page.get("Contents") or []
    names: list[str] = [entry["Key"] for entry in entries]
    prefixes: list[Entry] = page.get("CommonPrefixes") or []
    if not prefixes:
        return names, entries
    named = zip([*names, *(entry["Prefix"] for entry in prefixes)], [*entries, *prefixes], strict=True)
    lines = sorted(named, key=itemgetter(0))
    return [name for name, _ in lines], [entry for _, entry in lines]


def _wanted(names: list[str], entries: list[Entry], before: str) -> tuple[list[str], list[Entry]]:
    """Without what lies before a place, and without what is ours."""
    if not names or (
        _behind(names[0], entries[0]) > before and not (names[0] < BEHIND_RESERVED and names[-1] >= RESERVED)
    ):
        return names, entries
    pairs = zip(names, entries, strict=True)
    kept = [(name, entry) for name, entry in pairs if _behind(name, entry) > before and not reserved(name)]
    return [name for name, _ in kept], [entry for _, entry in kept]


def _behind(name: str, entry: Entry) -> str:
    """The place right behind a line."""
    return name + GREATEST if is_prefix(entry) else name


async def fill_all(streams: Sequence[Stream]) -> None:
    """Have every stream's next line in hand, asking those that need it at once."""
    waiting = [stream for stream in streams if stream.dry]
    if len(waiting) == 1:
        await waiting[0].fill()
    elif waiting:
        await asyncio.gather(*(stream.fill() for stream in waiting))


def check_bucket(streams: Sequence[Stream]) -> None:
    """Raise NoSuchBucket if every layer said so."""
    absent = [stream.absent for stream in streams if stream.absent is not None]
    if len(absent) == len(streams):
        absent[0].take()


def smallest(streams: Sequence[Stream]) -> tuple[str, Entry, Member] | None:
    """Take the next line out of the streams; of a name that several have, that of the upper layer."""
    first, least = None, ""
    for stream in streams:
        at, names = stream.at, stream.names
        if at < len(names) and (first is None or names[at] < least):
            first, least = stream, names[at]
    if first is None:
        return None
    entry = first.entries[first.at]
    for stream in streams:
        at, names = stream.at, stream.names
        if at < len(names) and names[at] == least:
            stream.at = at + 1
    return least, entry, first.member


def covers_reserved(prefix: str) -> bool:
    """Whether a common prefix may stand for our keys alone."""
    return RESERVED.startswith(prefix)
