"""Listing objects: the layers merged in key order, the upper one first, without what is deleted."""

from __future__ import annotations

import dataclasses
from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.multi.hidden import Hidden
from colonnade.multi.layers import Layers
from colonnade.multi.members import Member
from colonnade.multi.merge import GREATEST, Entry, Stream, check_bucket, covers_reserved, fill_all, is_prefix, smallest
from colonnade.multi.tombstones import Tombstones
from colonnade.rules import tokens
from colonnade.rules.listing import echo
from colonnade.rules.pages import Page, Query, limit_of

#: What is passed on to the layers besides the place to begin at.
PASSED = ("Bucket", "Prefix", "Delimiter", "FetchOwner", "OptionalObjectAttributes")


class Listing:
    """ListObjects and ListObjectsV2."""

    def __init__(self, layers: Layers, tombstones: Tombstones) -> None:
        self.layers = layers
        self.tombstones = tombstones

    async def v1(self, operation: str, arguments: Arguments) -> Answer:
        """ListObjects. Its entries have owners, and NextMarker comes only with a delimiter, as S3 has it."""
        page, limit = await self._page(arguments, arguments.get("Marker"), "", FetchOwner=True)
        answer = _answer(arguments, page, limit)
        if page.next is not None and arguments.get("Delimiter"):
            answer["NextMarker"] = page.last
        return answer

    async def v2(self, operation: str, arguments: Arguments) -> Answer:
        """ListObjectsV2."""
        token = arguments.get("ContinuationToken")
        place = tokens.decode(token) if token else ""
        page, limit = await self._page(arguments, arguments.get("StartAfter"), place)
        answer = _answer(arguments, page, limit)
        answer["KeyCount"] = len(page.entries) + len(page.prefixes)
        if page.next is not None:
            answer["NextContinuationToken"] = tokens.encode(page.next)
        return answer

    async def shows_any(self, bucket: str) -> bool:
        """Whether any layer shows a key in a bucket. Raises ServiceUnavailable if one can't be asked."""
        page, _ = await self._page({"Bucket": bucket, "MaxKeys": 1}, None, "")
        return bool(page.entries)

    async def _page(self, arguments: Arguments, marker: str | None, place: str, **more: Any) -> tuple[Page, int]:
        limit = limit_of(arguments.get("MaxKeys"))
        asked = Query(arguments.get("Prefix") or "", arguments.get("Delimiter") or "", "", limit)
        passed = {name: arguments[name] for name in PASSED if arguments.get(name)} | more
        streams = [
            Stream(member, passed | {"MaxKeys": max(limit, 1)}, max(place, _place(asked, marker)))
            for member in self.layers.all
        ]
        return await _Merge(self, asked, passed["Bucket"], streams).page(), limit

    async def without_deleted_bucket(self, bucket: str, streams: list[Stream]) -> list[Stream]:
        """The streams that count: the primary's alone if the lower layers' bucket is deleted."""
        if any(stream.has_any for stream in streams[1:]) and await self.tombstones.holds(bucket):
            return streams[:1]
        if streams[0].absent is not None and await self.tombstones.holds(bucket):
            return streams[:1]
        return streams


class _Merge:
    """One page in the making."""

    def __init__(self, listing: Listing, asked: Query, bucket: str, streams: list[Stream]) -> None:
        self.listing = listing
        self.asked = asked
        self.bucket = bucket
        self.streams = streams
        self.primary = streams[0].member
        self.hidden = Hidden(self.primary, bucket, asked.prefix, asked.limit)

    async def page(self) -> Page:
        """Fill the page. It is known to have a next one without reading on, unless keys are hidden there."""
        page = Page()
        await fill_all(self.streams)
        self.streams = await self.listing.without_deleted_bucket(self.bucket, self.streams)
        check_bucket(self.streams)
        room = self.asked.limit
        while room:
            if any(stream.dry for stream in self.streams):
                await fill_all(self.streams)
            taken = smallest(self.streams)
            if taken is None:
                return page
            name, entry, member = taken
            if member is not self.primary or is_prefix(entry):
                shown = self.hidden.shows(name) if not is_prefix(entry) else None
                if not (await self.visible(name, entry, member) if shown is None else shown):
                    continue
            room -= 1
            self.put(page, name, entry)
        if self.asked.limit and await self.goes_on():
            page.next = page.last + GREATEST if page.last_entry is None else page.last
        return page

    def put(self, page: Page, name: str, entry: Entry) -> None:
        """Write one line."""
        page.last = name
        if is_prefix(entry):
            page.prefixes.append(name)
            page.last_entry = None
        else:
            page.entries.append(entry)
            page.last_entry = entry

    async def goes_on(self) -> bool:
        """Whether there is another page: what is in hand shows something, or a layer has more to give."""
        while not any(stream.dry for stream in self.streams):
            taken = smallest(self.streams)
            if taken is None:
                return False
            if await self.visible(*taken):
                return True
        return True

    async def visible(self, name: str, entry: Entry, member: Member) -> bool:
        """Whether a line is shown: what only lower layers have must not be deleted."""
        if is_prefix(entry) and covers_reserved(name) and await self.empty(name, self.streams):
            return False
        if member is self.primary:
            return True
        if not is_prefix(entry):
            return not await self.hidden.key(name)
        if not await self.hidden.any_under(name):
            return True
        return not await self.empty(name, self.streams)

    async def empty(self, prefix: str, streams: list[Stream]) -> bool:
        """Whether every key below a common prefix is deleted, or ours."""
        arguments = {"Bucket": self.bucket, "Prefix": prefix, "MaxKeys": self.streams[0].arguments["MaxKeys"]}
        below = [
            dataclasses.replace(s, arguments=arguments, place="", more=True, names=[], entries=[], at=0)
            for s in streams
        ]
        asked = Query(prefix, "", "", self.asked.limit)
        merge = _Merge(self.listing, asked, self.bucket, below)
        while True:
            await fill_all(merge.streams)
            taken = smallest(merge.streams)
            if taken is None:
                return True
            if await merge.visible(*taken):
                return False


def _place(asked: Query, marker: str | None) -> str:
    """The place behind a marker: a common prefix is left out whole if the marker lies in it."""
    if not marker:
        return ""
    rolled = asked.common(marker) if marker.startswith(asked.prefix) else None
    return marker if rolled is None else rolled + GREATEST


def _answer(arguments: Arguments, page: Page, limit: int) -> Answer:
    answer = echo(arguments, page, limit)
    if page.entries:
        answer["Contents"] = page.entries
    return answer
