"""Buckets: the union of the layers', while what belongs to one (policy, ACL, versioning) is the primary's."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.multi.layers import Layers
from colonnade.multi.listing import Listing
from colonnade.multi.markers import reserved
from colonnade.multi.members import Kind, Member, Role
from colonnade.multi.routes import unset
from colonnade.multi.veil import Veil
from colonnade.multi.writes import Writes
from colonnade.rules import tokens

#: The most buckets that S3 puts on a page.
MOST = 10_000


class Buckets:
    """Everything that concerns a bucket as a whole."""

    def __init__(self, layers: Layers, veil: Veil, writes: Writes, listing: Listing, *, stale: bool) -> None:
        self.layers = layers
        self.primary = layers.primary
        self.veil = veil
        self.writes = writes
        self.listing = listing
        self.stale = stale

    async def list(self, operation: str, arguments: Arguments) -> Answer:
        """ListBuckets: of a name that several layers have, the upper one's entry."""
        found: dict[str, dict[str, Any]] = {}
        owner: dict[str, Any] | None = None
        below: set[str] = set()
        asked: Arguments = {name: arguments[name] for name in ("Prefix", "BucketRegion") if name in arguments}
        for member in self.layers.all:
            buckets, whose = await _all_buckets(member, asked)
            owner = owner or whose
            for entry in buckets:
                if member is not self.primary and entry["Name"] not in found:
                    below.add(entry["Name"])
                found.setdefault(entry["Name"], entry)
        if below:
            below &= await self.veil.tombstones.names()
        below.add(self.veil.tombstones.bucket)
        names = sorted(name for name in found if name not in below)
        return _page([found[name] for name in names], owner, arguments)

    async def head(self, operation: str, arguments: Arguments) -> Answer:
        """HeadBucket: the primary's own answer, or just that a lower layer has it (its region isn't ours)."""
        outcome = await self.writes.visible(arguments["Bucket"], stale=self.stale)
        return outcome.take() if outcome.member is self.primary else {}

    async def read(self, operation: str, arguments: Arguments) -> Answer:
        """GetBucketPolicy and the like: the primary's, and "not configured" while the bucket is only below."""
        outcome = await self.primary.ask(operation, arguments)
        if outcome.code != "NoSuchBucket":
            return outcome.take()
        await self.writes.visible(arguments["Bucket"])
        return unset(operation, arguments["Bucket"])

    async def create(self, operation: str, arguments: Arguments) -> Answer:
        """CreateBucket: what is visible exists already."""
        bucket = arguments["Bucket"]
        try:
            await self.writes.visible(bucket)
        except S3Error as error:
            if error.code != "NoSuchBucket":
                raise
            return await self.writes.plain(operation, arguments)
        raise S3Error("BucketAlreadyOwnedByYou", status=409, BucketName=bucket)

    async def delete(self, operation: str, arguments: Arguments) -> Answer:
        """DeleteBucket, if no layer shows a key. One that is below too is remembered as deleted.

        The tombstone comes first, then our markers go, then the bucket: dying in between loses no delete.
        """
        bucket = arguments["Bucket"]
        await self.writes.visible(bucket)
        if await self.listing.shows_any(bucket) or await self._has_versions(bucket):
            raise S3Error("BucketNotEmpty", status=409, BucketName=bucket)
        if await self._is_below(bucket):
            await self.veil.tombstones.write(bucket)
        outcome = await self.primary.ask("HeadBucket", {"Bucket": bucket})
        self.writes.forget(bucket)
        if outcome.kind is Kind.ABSENT:
            return {}
        await self.veil.markers.clear(bucket)
        return await self.writes.plain(operation, arguments)

    async def _is_below(self, bucket: str) -> bool:
        """Whether a lower layer has the bucket, or might: one that can't be asked would bring it back.

        A replica might always: it may just be given it.
        """
        if any(member.role is Role.REPLICA for member in self.layers.lower):
            return True
        outcomes = await self.layers.ask_all(self.layers.lower, "HeadBucket", {"Bucket": bucket})
        return any(outcome.kind is not Kind.ABSENT for outcome in outcomes)

    async def _has_versions(self, bucket: str) -> bool:
        """Whether the primary keeps older versions in it, or its own delete markers."""
        asked: dict[str, Any] = {"Bucket": bucket}
        while True:
            outcome = await self.primary.ask("ListObjectVersions", asked)
            if outcome.kind is Kind.ABSENT or outcome.code == "NotImplemented":
                return False
            page = outcome.take()
            entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if not all(reserved(entry["Key"]) for entry in entries):
                return True
            if not page.get("IsTruncated"):
                return False
            asked |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}


async def _all_buckets(member: Member, arguments: Arguments) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """All buckets of a member and their owner; none of one that can't be asked and may be missed."""
    buckets: list[dict[str, Any]] = []
    asked = dict(arguments)
    while True:
        outcome = await member.ask("ListBuckets", asked)
        if outcome.kind is Kind.UNREACHABLE and member.may_be_missed:
            return buckets, None
        page = outcome.take()
        buckets += page.get("Buckets", ())
        if not page.get("ContinuationToken"):
            return buckets, page.get("Owner")
        asked["ContinuationToken"] = page["ContinuationToken"]


def _page(buckets: list[dict[str, Any]], owner: dict[str, Any] | None, arguments: Arguments) -> Answer:
    """One page of sorted buckets. Without MaxBuckets all are on it, as S3 has it up to 10,000."""
    limit = arguments.get("MaxBuckets", MOST)
    if not 1 <= limit <= MOST:
        message = f"Argument max-buckets must be an integer between 1 and {MOST}"
        raise S3Error("InvalidArgument", message, status=400, ArgumentName="max-buckets", ArgumentValue=str(limit))
    token = arguments.get("ContinuationToken")
    place = tokens.decode(token) if token else ""
    rest = [entry for entry in buckets if entry["Name"] > place]
    answer: Answer = {"Buckets": rest[:limit]}
    if owner is not None:
        answer["Owner"] = owner
    if "Prefix" in arguments:
        answer["Prefix"] = arguments["Prefix"]
    if len(rest) > limit:
        answer["ContinuationToken"] = tokens.encode(rest[limit - 1]["Name"])
    return answer
