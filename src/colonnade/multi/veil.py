"""What the primary hides of the layers below it: deleted keys and deleted buckets."""

from __future__ import annotations

import asyncio

from colonnade.errors import S3Error
from colonnade.multi.markers import Markers
from colonnade.multi.members import Outcome
from colonnade.multi.tombstones import Tombstones


class Veil:
    """Delete markers and tombstones together. Only ever looked at once the primary said it has no such thing."""

    def __init__(self, markers: Markers, tombstones: Tombstones) -> None:
        self.markers = markers
        self.tombstones = tombstones

    async def hides_bucket(self, bucket: str) -> bool:
        """Whether the lower layers' bucket of that name is deleted."""
        return await self.tombstones.holds(bucket)

    async def hides_key(self, bucket: str, key: str, absent: Outcome) -> bool:
        """Whether a key that the primary lacks is hidden; `absent` is how the primary said that it lacks it."""
        if absent.code == "NoSuchBucket":
            if not await self.tombstones.holds(bucket):
                return False
            absent.error = S3Error("NoSuchBucket", status=404, BucketName=bucket)
            return True
        if isinstance(absent.error, S3Error) and absent.error.output.get("DeleteMarker"):
            return True
        found = await asyncio.gather(self.markers.holds(bucket, key), self.tombstones.holds(bucket))
        return any(found)
