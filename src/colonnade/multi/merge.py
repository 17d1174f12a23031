"""Merging sorted listings: one stream of entries for each layer, and the smallest head of them all.

A place in a merged listing is one string that everything to come is greater than: a key, or a common prefix
with the greatest character behind it. Any layer can be asked to go on from there (StartAfter), so a token
needs nothing else, and it means the same to every worker.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from colonnade.multi.markers import BEHIND_RESERVED, RESERVED, reserved
from colonnade.multi.members import Kind, Member, Outcome, unavailable

#: No key of a common prefix sorts behind the prefix followed by this.
GREATEST = "\U0010ffff"


@dataclass(slots=True)
class Item:
    """One line of a listing: a key with its entry, or a common prefix."""

    name: str
    entry: dict[str, Any]
    is_prefix: bool = False

    @property
    def place(self) -> str:
        """The place right behind it."""
        return self.name + GREATEST if self.is_prefix else self.name


@dataclass(slots=True)
class Stream:
    """The listing of one layer from `place` on, a page at a time; `more` says that there may be another page.

    `arguments` are those of ListObjectsV2. Our own keys are leapt over.
    """

    member: Member
    arguments: dict[str, Any]
    place: str
    more: bool = True
    absent: Outcome | None = None
    items: deque[Item] = field(default_factory=deque)

    async def fill(self) -> None:
        """Have an item in hand, unless there is none left. Raises S3Error for what the layer refuses."""
        while self.more and not self.items:
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
        items = [Item(entry["Key"], entry) for entry in page.get("Contents", ())]
        items += [Item(entry["Prefix"], entry, True) for entry in page.get("CommonPrefixes", ())]
        items.sort(key=lambda item: item.name)
        before = self.place
        if items:
            self.place = items[-1].place
        self.items.extend(item for item in items if item.place > before and not reserved(item.name))
        if reserved(self.place):
            self.place = max(self.place, BEHIND_RESERVED)
        if self.more and self.place <= before:
            # It would give us the same page for ever.
            raise unavailable(self.member)


async def fill_all(streams: Sequence[Stream]) -> None:
    """Have every stream's next item in hand, asking those that need it at once."""
    waiting = [stream for stream in streams if stream.more and not stream.items]
    if waiting:
        await asyncio.gather(*(stream.fill() for stream in waiting))


def check_bucket(streams: Sequence[Stream]) -> None:
    """Raise NoSuchBucket if every layer said so."""
    absent = [stream.absent for stream in streams if stream.absent is not None]
    if len(absent) == len(streams):
        absent[0].take()


def smallest(streams: Sequence[Stream]) -> tuple[Item, Member] | None:
    """Take the next item out of the streams; of a name that several have, that of the upper layer."""
    heads = [stream for stream in streams if stream.items]
    if not heads:
        return None
    first = min(heads, key=lambda stream: stream.items[0].name)
    item = first.items.popleft()
    for stream in heads:
        if stream.items and stream.items[0].name == item.name:
            stream.items.popleft()
    return item, first.member


def covers_reserved(prefix: str) -> bool:
    """Whether a common prefix may stand for our keys alone."""
    return RESERVED.startswith(prefix)
