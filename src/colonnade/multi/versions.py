"""Listing versions: the layers merged key by key, an upper layer's versions of a key before a lower one's.

A page may end amid a key. Then NextVersionIdMarker tells which layer's version came last (``id@layer``, only
the id for the primary's): the layers above it are done with that key, the ones below have it yet to give.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.multi.hidden import Hidden, before
from colonnade.multi.layers import Layers
from colonnade.multi.markers import BEHIND_RESERVED, reserved
from colonnade.multi.members import Kind, Member
from colonnade.multi.merge import GREATEST
from colonnade.multi.veil import Veil
from colonnade.rules.listing import echo
from colonnade.rules.pages import Page, Query, limit_of

#: What is passed on to the layers besides the place to begin at.
PASSED = ("Bucket", "Prefix", "Delimiter", "OptionalObjectAttributes")


@dataclass(slots=True)
class Line:
    """One version, delete marker (an entry without Size) or common prefix of a layer."""

    name: str
    entry: dict[str, Any]
    is_prefix: bool = False

    @property
    def version(self) -> str:
        """The version's id."""
        return str(self.entry.get("VersionId", "null"))


@dataclass(slots=True)
class Stream:
    """The versions of one layer from a place on: behind `key`, or within it behind `version`."""

    member: Member
    arguments: dict[str, Any]
    key: str
    version: str
    #: Lines before this key are not wanted.
    floor: str = ""
    more: bool = True
    absent: S3Error | None = None
    lines: deque[Line] = field(default_factory=deque)

    async def fill(self) -> None:
        """Have a line in hand, unless there is none left."""
        while self.more and not self.lines:
            await self._fetch()

    async def _fetch(self) -> None:
        asked = dict(self.arguments)
        if self.key:
            asked["KeyMarker"] = self.key
            if self.version:
                asked["VersionIdMarker"] = self.version
        outcome = await self.member.ask("ListObjectVersions", asked)
        self.more = False
        if outcome.kind is Kind.ABSENT and isinstance(outcome.error, S3Error):
            self.absent = outcome.error
            return
        if outcome.kind is Kind.UNREACHABLE and self.member.may_be_missed:
            return
        page = outcome.take()
        self.more = bool(page.get("IsTruncated"))
        lines = [Line(entry["Key"], entry) for entry in page.get("Versions", ())]
        lines += [Line(entry["Key"], entry) for entry in page.get("DeleteMarkers", ())]
        # Within a key the newest comes first: S3 interleaves both kinds by time, and the two lists don't tell.
        lines.sort(key=lambda line: (line.name, not line.entry.get("IsLatest"), -_time(line)))
        lines += [Line(entry["Prefix"], entry, True) for entry in page.get("CommonPrefixes", ())]
        lines.sort(key=lambda line: line.name)
        self.lines.extend(line for line in lines if line.name >= self.floor and not reserved(line.name))
        if self.more:
            self.key, self.version = page["NextKeyMarker"], page.get("NextVersionIdMarker", "")
            if reserved(self.key):
                self.key, self.version = max(self.key, BEHIND_RESERVED), ""


class Versions:
    """ListObjectVersions."""

    def __init__(self, layers: Layers, veil: Veil) -> None:
        self.layers = layers
        self.veil = veil

    async def page(self, operation: str, arguments: Arguments) -> Answer:
        """A page of versions. One version of a key is the latest: the upper layer's."""
        limit = limit_of(arguments.get("MaxKeys"))
        key, marker = arguments.get("KeyMarker") or "", arguments.get("VersionIdMarker") or ""
        if marker and not key:
            message = "A version-id marker cannot be specified without a key marker."
            raise S3Error(
                "InvalidArgument", message, status=400, ArgumentName="version-id-marker", ArgumentValue=marker
            )
        asked = Query(arguments.get("Prefix") or "", arguments.get("Delimiter") or "", "", limit)
        streams = self._streams(arguments, asked, key, marker)
        await _fill(streams)
        bucket = arguments["Bucket"]
        if streams[1:] and await self.veil.hides_bucket(bucket):
            streams = streams[:1]
        absent = [stream.absent for stream in streams if stream.absent is not None]
        if len(absent) == len(streams):
            raise absent[0]
        merge = _Merge(self.layers, asked, bucket, streams, resumed=key if marker else "")
        return _answer(arguments, limit, *await merge.page())

    def _streams(self, arguments: Arguments, asked: Query, key: str, marker: str) -> list[Stream]:
        passed: Arguments = {name: arguments[name] for name in PASSED if name in arguments}
        passed["MaxKeys"] = max(asked.limit, 1)
        rolled = asked.common(key) if key.startswith(asked.prefix) else None
        if rolled is not None:
            # A common prefix is left out whole if the marker lies in it.
            key, marker = rolled + GREATEST, ""
        if not marker:
            return [Stream(member, passed, key, "") for member in self.layers.issuers]
        version, _, name = marker.rpartition("@")
        names = [member.name for member in self.layers.issuers]
        at = names.index(name) if version and name in names else 0
        version = version if version and name in names else marker
        above = [Stream(member, passed, key, "") for member in self.layers.issuers[:at]]
        here = Stream(self.layers.issuers[at], passed, key, version)
        below = [Stream(member, passed, before(key), "", floor=key) for member in self.layers.issuers[at + 1 :]]
        return [*above, here, *below]


class _Merge:
    """One page in the making."""

    def __init__(self, layers: Layers, asked: Query, bucket: str, streams: list[Stream], *, resumed: str) -> None:
        self.layers = layers
        self.asked = asked
        self.bucket = bucket
        self.streams = streams
        #: The key that the last page ended in.
        self.resumed = resumed
        self.hidden = Hidden(self.layers.primary, bucket, asked.prefix, asked.limit)

    async def page(self) -> tuple[Page, str]:
        """Fill the page; and the layer-marked id of its last version."""
        page, last = Page(), ""
        while True:
            lines = await self.next_key()
            if not lines:
                return page, last
            for line, member in lines:
                if len(page.entries) + len(page.prefixes) >= self.asked.limit:
                    page.next = page.last if self.asked.limit else None
                    return page, last
                page.last = line.name
                if line.is_prefix:
                    page.prefixes.append(line.name)
                    page.last_entry, last = None, ""
                else:
                    page.entries.append(line.entry)
                    page.last_entry = line.entry
                    last = line.version if member is self.layers.primary else f"{line.version}@{member.name}"

    async def next_key(self) -> list[tuple[Line, Member]]:
        """All lines of the next key that shows any; none at the end."""
        while True:
            await _fill(self.streams)
            heads = [stream.lines[0].name for stream in self.streams if stream.lines]
            if not heads:
                return []
            lines = await self._shown(min(heads))
            if lines:
                return lines

    async def _shown(self, name: str) -> list[tuple[Line, Member]]:
        found: list[tuple[Line, Member]] = []
        for stream in self.streams:
            while True:
                await stream.fill()
                if not stream.lines or stream.lines[0].name != name:
                    break
                found.append((stream.lines.popleft(), stream.member))
        if found[0][0].is_prefix:
            return found[:1] if await self._prefix_shown(name, found[0][1]) else []
        primary = self.layers.primary
        if name != self.resumed and found[0][1] is not primary and await self.hidden.key(name):
            return []
        return await self._ranked(name, found)

    async def _prefix_shown(self, name: str, member: Member) -> bool:
        if member is self.layers.primary or not await self.hidden.any_under(name):
            return True
        arguments = {"Bucket": self.bucket, "Prefix": name, "MaxKeys": 1000}
        streams = [Stream(stream.member, arguments, "", "") for stream in self.streams]
        probe = _Merge(self.layers, Query(name, "", "", 1000), self.bucket, streams, resumed="")
        return bool(await probe.next_key())

    async def _ranked(self, name: str, found: Sequence[tuple[Line, Member]]) -> list[tuple[Line, Member]]:
        """One latest version, and one null version: those of the upper layer."""
        lines: list[tuple[Line, Member]] = []
        top = found[0][1]
        has_null = False
        for line, member in found:
            if line.version == "null":
                if has_null or (name == self.resumed and await self._null_above(name, member)):
                    continue
                has_null = True
            latest = bool(line.entry.get("IsLatest")) and member is top and name != self.resumed
            lines.append((Line(name, {**line.entry, "IsLatest": latest}), member))
        return lines

    async def _null_above(self, name: str, member: Member) -> bool:
        above = self.layers.issuers[: self.layers.issuers.index(member)]
        asked = {"Bucket": self.bucket, "Key": name, "VersionId": "null"}
        return any(outcome.kind is Kind.ANSWER for outcome in await self.layers.ask_all(above, "HeadObject", asked))


async def _fill(streams: Sequence[Stream]) -> None:
    await asyncio.gather(*(stream.fill() for stream in streams if stream.more and not stream.lines))


def _time(line: Line) -> float:
    moment = line.entry.get("LastModified")
    return moment.timestamp() if moment is not None else 0.0


def _answer(arguments: Arguments, limit: int, page: Page, last: str) -> Answer:
    answer = echo(arguments, page, limit)
    for entry in page.entries:
        answer.setdefault("Versions" if "Size" in entry else "DeleteMarkers", []).append(entry)
    if page.next is not None:
        answer["NextKeyMarker"] = page.last
        if last:
            answer["NextVersionIdMarker"] = last
    return answer
