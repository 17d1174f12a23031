"""Which keys of the lower layers are hidden, for a listing: asked in key order, a page of markers at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import Any

from colonnade.multi import markers
from colonnade.multi.members import Kind, Member
from colonnade.multi.merge import GREATEST

#: Markers to a page: a listing of ten keys shouldn't read a thousand.
LEAST = 100


class Hidden:
    """The deleted keys of one bucket. Questions must come in key order; each page of markers is read once.

    Where the primary's bucket is versioned its own delete markers hide as well as ours.
    """

    def __init__(self, primary: Member, bucket: str, prefix: str, limit: int) -> None:
        self._marks = markers.Markers(primary)
        self._bucket = bucket
        self._sources: list[_Ours | _Native] = [_Ours(primary, bucket, prefix, max(limit, LEAST))]
        self._native = _Native(primary, bucket, prefix, max(limit, LEAST))
        self._versioned: bool | None = None
        self._primary = primary

    async def key(self, key: str) -> bool:
        """Whether this key is deleted."""
        if markers.is_long(key) and await self._marks.holds(self._bucket, key):
            return True
        return any([await source.first(key) == (key, False) for source in await self._all()])

    def shows(self, key: str) -> bool | None:
        """Whether this key is not deleted, if that is known from the pages in hand; else None."""
        if self._versioned is None or markers.is_long(key):
            return None
        for source in self._sources:
            holds = source.holds(key)
            if holds is not False:
                return None if holds is None else False
        return True

    async def any_under(self, prefix: str) -> bool:
        """Whether any key that begins with `prefix` may be deleted."""
        if markers.is_long(prefix + " " * (markers.LONGEST - markers.KEPT)):
            return True
        for source in await self._all():
            found = await source.first(prefix)
            if found is not None and found[0].startswith(prefix):
                return True
        return False

    async def _all(self) -> list[_Ours | _Native]:
        if self._versioned is None:
            self._versioned = await is_versioned(self._primary, self._bucket)
            if self._versioned:
                self._sources.append(self._native)
        return self._sources


async def is_versioned(primary: Member, bucket: str) -> bool:
    """Whether the primary keeps versions of a bucket, so that its own delete markers serve."""
    outcome = await primary.ask("GetBucketVersioning", {"Bucket": bucket})
    if outcome.kind is Kind.ABSENT or outcome.code == "NotImplemented":
        return False
    return outcome.take().get("Status") in ("Enabled", "Suspended")


#: A deleted key, and whether only its beginning is known: markers of long keys don't hold all of it.
Deleted = tuple[str, bool]


class _Source:
    """Deleted keys in order, in pages: `first` finds the first that isn't before a given one."""

    def __init__(self, primary: Member, bucket: str, prefix: str, limit: int) -> None:
        self.primary = primary
        self.bucket = bucket
        self.prefix = prefix
        self.limit = limit
        self._keys: list[Deleted] = []
        #: Where the next page begins, in the terms of the listing it is read from; None at the end.
        self._place: str | None = ""

    async def first(self, wanted: str) -> Deleted | None:
        """The first deleted key from `wanted` on, None if there is none. Questions come in key order."""
        while True:
            at = bisect_left(self._keys, (wanted, False))
            if at < len(self._keys):
                return self._keys[at]
            if self._place is None:
                return None
            self._keys, self._place = await self.page(max(self.before(wanted), self._place))

    def holds(self, key: str) -> bool | None:
        """Whether a key is among the deleted; None if the page that would tell is not in hand."""
        at = bisect_left(self._keys, (key, False))
        if at < len(self._keys):
            return self._keys[at] == (key, False)
        return False if self._place is None else None

    def before(self, key: str) -> str:
        """The place in front of a key."""
        raise NotImplementedError

    async def page(self, place: str) -> tuple[list[Deleted], str | None]:
        """The deleted keys on the page that begins at a place, and the place of the next."""
        raise NotImplementedError

    async def ask(self, operation: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A page from the primary, an empty one if it has no such bucket."""
        outcome = await self.primary.ask(operation, {"Bucket": self.bucket, "MaxKeys": self.limit, **arguments})
        return {} if outcome.kind is Kind.ABSENT else outcome.take()


class _Ours(_Source):
    """Markers: hidden objects named after the keys."""

    def before(self, key: str) -> str:
        """What the marker of the key begins with, which sorts right before it."""
        return markers.begin(key)

    async def page(self, place: str) -> tuple[list[Deleted], str | None]:
        """A page of markers; those that don't tell their whole key are looked up by name besides."""
        found = await self.ask("ListObjectsV2", {"Prefix": markers.begin(self.prefix), "StartAfter": place})
        names = [entry["Key"] for entry in found.get("Contents", ())]
        return sorted(map(_named, names)), names[-1] if names and found.get("IsTruncated") else None


class _Native(_Source):
    """The delete markers of a versioned bucket that are the latest of their keys."""

    def before(self, key: str) -> str:
        """A string with next to nothing between it and the key."""
        return before(key)

    async def page(self, place: str) -> tuple[list[Deleted], str | None]:
        """A page of versions. The latest of a key comes first, so a page that ends amid a key lacks nothing."""
        asked = {"Prefix": self.prefix} | ({"KeyMarker": place} if place else {})
        found = await self.ask("ListObjectVersions", asked)
        entries = found.get("DeleteMarkers", ())
        latest = [entry["Key"] for entry in entries if entry.get("IsLatest")]
        keys = [(key, False) for key in latest if not markers.reserved(key)]
        return keys, found["NextKeyMarker"] if found.get("IsTruncated") else None


def _named(marker: str) -> Deleted:
    key = markers.key_of(marker)
    return (markers.beginning_of(marker), True) if key is None else (key, False)


def before(key: str) -> str:
    """A string that sorts before `key` with next to nothing between them, to begin a listing with it."""
    if not key or key[-1] == "\0":
        return key[:-1]
    code = ord(key[-1]) - 1
    return key[:-1] + chr(0xD7FF if code == 0xDFFF else code) + GREATEST
