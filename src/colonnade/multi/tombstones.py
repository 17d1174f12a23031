"""Tombstones: which buckets of the lower layers are deleted, kept in a small bucket of the primary.

Markers of keys lie in the bucket itself, so they go with it; what says that a bucket is deleted has to lie
elsewhere. A tombstone hides everything the lower layers have in a bucket of that name, for good: made anew
the bucket begins empty, as S3 users expect, rather than with the keys of the old one.
"""

from __future__ import annotations

from typing import Any

from colonnade.backend import Arguments
from colonnade.errors import S3Error
from colonnade.multi.markers import note
from colonnade.multi.members import Kind, Member, Outcome

#: Where the tombstones lie unless the configuration says other.
BUCKET = "colonnade-system"
PREFIX = "deleted-buckets/"


class Tombstones:
    """The deleted buckets. `bucket` is made when the first is, and is hidden from clients."""

    def __init__(self, primary: Member, bucket: str = BUCKET) -> None:
        self.primary = primary
        self.bucket = bucket

    async def holds(self, bucket: str) -> bool:
        """Whether a bucket of the lower layers is deleted. Raises ServiceUnavailable if that can't be asked."""
        outcome = await self.primary.ask("HeadObject", self.at(bucket))
        if _none(outcome):
            return False
        outcome.take()
        return True

    async def write(self, bucket: str) -> None:
        """Mark a bucket as deleted."""
        arguments = {**self.at(bucket), "Body": note(bucket)}
        outcome = await self.primary.ask("PutObject", arguments)
        if outcome.code == "NoSuchBucket":
            made = await self.primary.ask("CreateBucket", {"Bucket": self.bucket})
            if made.code != "BucketAlreadyOwnedByYou":
                made.take()
            outcome = await self.primary.ask("PutObject", arguments)
        outcome.take()

    async def names(self) -> set[str]:
        """All of them."""
        found: set[str] = set()
        asked: dict[str, Any] = {"Bucket": self.bucket, "Prefix": PREFIX}
        while True:
            outcome = await self.primary.ask("ListObjectsV2", asked)
            if _none(outcome):
                return found
            page = outcome.take()
            found.update(entry["Key"].removeprefix(PREFIX) for entry in page.get("Contents", ()))
            if not page.get("IsTruncated"):
                return found
            asked["ContinuationToken"] = page["NextContinuationToken"]

    def refuse(self, bucket: str) -> None:
        """Keep clients away from the bucket of tombstones."""
        if bucket == self.bucket:
            raise S3Error("NoSuchBucket", status=404, BucketName=bucket)

    def at(self, bucket: str) -> Arguments:
        """Where the tombstone of a bucket lies."""
        return {"Bucket": self.bucket, "Key": PREFIX + bucket}


def _none(outcome: Outcome) -> bool:
    # Where bucket names are global ours may be somebody else's: then there are none of ours in it.
    return outcome.kind is Kind.ABSENT or outcome.code == "AccessDenied"
