"""Taking delete markers away that hide nothing any more: no layer below has the key."""

from __future__ import annotations

from collections.abc import AsyncIterator

from colonnade.errors import S3Error
from colonnade.multi import markers, streams
from colonnade.multi.layers import Layers
from colonnade.multi.markers import Markers
from colonnade.multi.members import Kind


class Sweep:
    """Looks through the markers of the primary."""

    def __init__(self, layers: Layers, kept: Markers) -> None:
        self.layers = layers
        self.markers = kept

    async def lacks(self, bucket: str, key: str) -> bool:
        """Whether every layer below says that it has no such key; one that can't be asked may have it."""
        outcomes = await self.layers.ask_all(self.layers.lower, "HeadObject", {"Bucket": bucket, "Key": key})
        return all(outcome.kind is Kind.ABSENT for outcome in outcomes)

    async def lacks_bucket(self, bucket: str) -> bool:
        """Whether every layer below says that it has no such bucket."""
        outcomes = await self.layers.ask_all(self.layers.lower, "HeadBucket", {"Bucket": bucket})
        return all(outcome.kind is Kind.ABSENT for outcome in outcomes)

    async def run(self) -> AsyncIterator[tuple[str, str]]:
        """Take away what hides nothing; yields bucket and key of each. Stopped anywhere, it may be run again."""
        for bucket in await self._buckets():
            async for key in self._keys(bucket):
                if await self.lacks(bucket, key):
                    await self.markers.remove(bucket, key)
                    yield bucket, key

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
            page = await primary.demand("ListObjectsV2", asked)
            for entry in page.get("Contents", ()):
                key = markers.key_of(entry["Key"])
                if key is None:
                    try:
                        got = await streams.demand(primary, "GetObject", {"Bucket": bucket, "Key": entry["Key"]})
                    except S3Error as error:
                        if error.status == 404:
                            continue
                        raise
                    key = (await got["Body"].read()).decode()
                yield key
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]
