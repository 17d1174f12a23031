"""Two listings read side by side: which keys only one place has, and which both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from colonnade.sync.places import Entry, Place, entries


@dataclass(frozen=True, slots=True)
class Pair:
    """A key, and what each place lists of it."""

    key: str
    source: Entry | None
    target: Entry | None


async def pairs(source: Place, target: Place, after: str = "") -> AsyncIterator[Pair]:
    """All keys of two places in order, each place listed once."""
    left, right = entries(source, after), entries(target, after)
    ours, theirs = await anext(left, None), await anext(right, None)
    while ours is not None or theirs is not None:
        if theirs is None or (ours is not None and ours.key < theirs.key):
            assert ours is not None
            yield Pair(ours.key, ours, None)
            ours = await anext(left, None)
        elif ours is None or theirs.key < ours.key:
            yield Pair(theirs.key, None, theirs)
            theirs = await anext(right, None)
        else:
            yield Pair(ours.key, ours, theirs)
            ours, theirs = await anext(left, None), await anext(right, None)
