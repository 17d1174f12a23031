"""Taking away what hides nothing any more: delete markers and tombstones of what no layer below has.

One that is written anew while we look must stay, for it may hide what has come since. So what is taken away is the
very object that was seen before the layers were asked (If-Match; no two markers are alike), and only of a key that
nobody is writing and no replica lacks. Any number of workers and gateways may do this at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from colonnade.errors import S3Error
from colonnade.multi import markers, streams
from colonnade.multi.layers import Layers
from colonnade.multi.members import Kind
from colonnade.multi.queue import Queue
from colonnade.multi.veil import Veil


class Sweep:
    """Looks at the markers and tombstones of the primary. `queue` knows what is on its way to replicas."""

    def __init__(self, layers: Layers, veil: Veil, queue: Queue | None) -> None:
        self.layers = layers
        self.veil = veil
        self.queue = queue

    async def run(self) -> AsyncIterator[tuple[str, str]]:
        """Take away all that hides nothing; yields bucket and key of each, no key for a bucket.

        Stopped anywhere, it may be run again.
        """
        for bucket in await self._buckets():
            if bucket == self.veil.tombstones.bucket:
                continue
            async for key in self._keys(bucket):
                if await self.key(bucket, key):
                    yield bucket, key
        for bucket in await self.veil.tombstones.names():
            if await self.bucket(bucket):
                yield bucket, ""

    async def key(self, bucket: str, key: str) -> bool:
        """Take the marker of a key away if no layer below has the key; whether one went."""
        return await self._take(
            self.veil.markers.at(bucket, key), "HeadObject", {"Bucket": bucket, "Key": key}, (bucket, key)
        )

    async def bucket(self, bucket: str) -> bool:
        """Take the tombstone of a bucket away if no layer below has the bucket; whether one went."""
        return await self._take(self.veil.tombstones.at(bucket), "HeadBucket", {"Bucket": bucket}, (bucket, ""))

    async def _take(
        self, where: Mapping[str, Any], operation: str, asked: Mapping[str, Any], of: tuple[str, str]
    ) -> bool:
        seen = await self.layers.primary.ask("HeadObject", where)
        if seen.kind is Kind.ABSENT:
            return False
        marker = seen.take()
        if self.queue is not None and not await self.queue.idle(*of):
            return False
        covering = marker.get("Metadata") == markers.COVER
        below = self.layers.replicas if covering else self.layers.lower
        outcomes = await self.layers.ask_all(below, operation, asked)
        if not all(outcome.kind is Kind.ABSENT for outcome in outcomes):
            return False
        # Of a versioned bucket the version goes, so that nothing is left, not even a marker of the marker.
        version = marker.get("VersionId")
        named = {"VersionId": version} if version else {}
        seen_one = named if version and version != "null" else {**named, "IfMatch": marker["ETag"]}
        gone = await self.layers.primary.ask("DeleteObject", {**where, **seen_one})
        if gone.kind is Kind.ABSENT or gone.code == "PreconditionFailed":
            return False
        gone.take()
        return True

    async def _buckets(self) -> list[str]:
        found: list[str] = []
        asked: dict[str, str] = {}
        while True:
            page = await self.layers.primary.demand("ListBuckets", asked)
            found += [entry["Name"] for entry in page.get("Buckets", ())]
            if not page.get("ContinuationToken"):
                return found
            asked["ContinuationToken"] = page["ContinuationToken"]

    async def _keys(self, bucket: str) -> AsyncIterator[str]:
        """The keys that have a marker; those whose markers are digests are read out of them."""
        asked = {"Bucket": bucket, "Prefix": markers.PREFIX}
        primary = self.layers.primary
        while True:
            outcome = await primary.ask("ListObjectsV2", asked)
            if outcome.kind is Kind.ABSENT:  # the bucket is deleted meanwhile
                return
            page = outcome.take()
            for entry in page.get("Contents", ()):
                key = markers.key_of(entry["Key"])
                if key is None:
                    try:
                        got = await streams.demand(primary, "GetObject", {"Bucket": bucket, "Key": entry["Key"]})
                    except S3Error as error:
                        if error.status == 404:
                            continue
                        raise
                    key = markers.read_note(await got["Body"].read())
                yield key
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]
