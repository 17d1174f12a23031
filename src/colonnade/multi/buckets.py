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
from colonnade.rules.buckets import page


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
        names, paging = page(arguments, found.keys() - below)
        return {"Buckets": [found[name] for name in names], **({"Owner": owner} if owner is not None else {}), **paging}

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
            # A replica that is down need not be waited for: what it has the primary has, or will have now.
            await self.writes.visible(bucket, members=self.layers.issuers)
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
            found = outcome.take()
            entries = [*found.get("Versions", ()), *found.get("DeleteMarkers", ())]
            if not all(reserved(entry["Key"]) for entry in entries):
                return True
            if not found.get("IsTruncated"):
                return False
            asked |= {"KeyMarker": found["NextKeyMarker"], "VersionIdMarker": found.get("NextVersionIdMarker", "")}


async def _all_buckets(member: Member, arguments: Arguments) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """All buckets of a member and their owner; none of one that can't be asked and may be missed."""
    buckets: list[dict[str, Any]] = []
    asked = dict(arguments)
    while True:
        outcome = await member.ask("ListBuckets", asked)
        if outcome.kind is Kind.UNREACHABLE and member.may_be_missed:
            return buckets, None
        said = outcome.take()
        buckets += said.get("Buckets", ())
        if not said.get("ContinuationToken"):
            return buckets, said.get("Owner")
        asked["ContinuationToken"] = said["ContinuationToken"]
