"""Tags of objects and buckets in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Store
from colonnade.errors import S3Error
from colonnade.rules import tagging


class Tagging(Store):
    """The six operations on tags. They don't move Last-Modified."""

    async def get_object_tagging(self, **arguments: Any) -> Answer:
        """An object's tags; none is an empty set."""
        stored = self.stored(arguments["Bucket"], arguments["Key"], arguments.get("VersionId"))
        return {"TagSet": stored.tags}

    async def put_object_tagging(self, **arguments: Any) -> Answer:
        """Replace an object's tags."""
        tags = arguments["Tagging"].get("TagSet") or []
        tagging.check(tags)
        return self._set(arguments, tags)

    async def delete_object_tagging(self, **arguments: Any) -> Answer:
        """Remove an object's tags."""
        return self._set(arguments, [])

    async def get_bucket_tagging(self, **arguments: Any) -> Answer:
        """A bucket's tags. Raises NoSuchTagSet where there are none."""
        bucket = self.bucket(arguments["Bucket"])
        if not bucket.tags:
            raise S3Error("NoSuchTagSet", BucketName=bucket.name)
        return {"TagSet": bucket.tags}

    async def put_bucket_tagging(self, **arguments: Any) -> Answer:
        """Replace a bucket's tags."""
        bucket, tags = self.bucket(arguments["Bucket"]), arguments["Tagging"].get("TagSet") or []
        tagging.check(tags, tagging.BUCKET_LIMIT)
        bucket.tags = tags
        return {}

    async def delete_bucket_tagging(self, **arguments: Any) -> Answer:
        """Remove a bucket's tags."""
        self.bucket(arguments["Bucket"]).tags = []
        return {}

    def _set(self, arguments: dict[str, Any], tags: list[tagging.Tag]) -> Answer:
        bucket, key = arguments["Bucket"], arguments["Key"]
        stored = self.stored(bucket, key, arguments.get("VersionId"))
        self.bucket(bucket).put(key, replace(stored, tags=tags))
        return {}
