"""Buckets that are parts of another bucket: whether one is there, how it is made, emptied and listed.

A part has no properties of its own: no policy, no versioning, no tags. It is there as soon as a key lies in it; an
empty one is kept by an object named like the folder.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from colonnade.backend import Answer, Arguments, Backend
from colonnade.errors import S3Error
from colonnade.layers.bucketmap.names import Place


class Folders:
    """The bucket operations on parts of the buckets of `inner`."""

    def __init__(self, inner: Backend) -> None:
        self.inner = inner

    async def call(self, operation: str, bucket: str, place: Place, arguments: Arguments) -> Answer | None:
        """Carry out an operation on the bucket itself; None for one that is about what lies in it."""
        if operation == "CreateBucket":
            return await self._create(bucket, place)
        if operation == "DeleteBucket":
            return await self._delete(bucket, place)
        if operation in ("HeadBucket", "GetBucketLocation", "GetBucketVersioning"):
            await self._check(bucket, place)
            return await self.inner.call(operation, {**arguments, "Bucket": place.bucket})
        if "Bucket" in operation or "PublicAccess" in operation or operation.endswith("ObjectLockConfiguration"):
            raise S3Error("NotImplemented", f"The bucket {bucket} is a part of another and has no properties.")
        if operation.startswith("List") and operation != "ListParts":
            await self._check(bucket, place)
        return None

    async def names(self, bucket: str) -> AsyncIterator[tuple[str, Any]]:
        """The folders of a bucket, as buckets, and when each was made."""
        asked: Arguments = {"Bucket": bucket, "Delimiter": "/"}
        made = await self._made(bucket)
        while True:
            page = await self.inner.call("ListObjectsV2", asked)
            for entry in page.get("CommonPrefixes", ()):
                yield entry["Prefix"].rstrip("/"), made
            if not page.get("IsTruncated"):
                return
            asked["ContinuationToken"] = page["NextContinuationToken"]

    async def made(self, bucket: str, place: Place) -> Any:
        """When the bucket that a part lies in was made. Raises NoSuchBucket if there is no such part."""
        await self._check(bucket, place)
        return await self._made(place.bucket)

    async def _made(self, stored: str) -> Any:
        page = await self.inner.call("ListBuckets", {})
        return next((entry.get("CreationDate") for entry in page["Buckets"] if entry["Name"] == stored), None)

    async def _check(self, bucket: str, place: Place) -> None:
        if not await self._keys(place, 1):
            raise S3Error("NoSuchBucket", BucketName=bucket)

    async def _keys(self, place: Place, most: int) -> list[str]:
        asked = {"Bucket": place.bucket, "Prefix": place.prefix, "MaxKeys": most}
        page = await self.inner.call("ListObjectsV2", asked)
        return [entry["Key"] for entry in page.get("Contents", ())]

    async def _create(self, bucket: str, place: Place) -> Answer:
        if await self._keys(place, 1):
            raise S3Error("BucketAlreadyOwnedByYou", BucketName=bucket)
        await self.inner.call("PutObject", {"Bucket": place.bucket, "Key": place.prefix, "Body": b""})
        return {"Location": f"/{bucket}"}

    async def _delete(self, bucket: str, place: Place) -> Answer:
        keys = await self._keys(place, 2)
        if not keys:
            raise S3Error("NoSuchBucket", BucketName=bucket)
        if keys != [place.prefix]:
            raise S3Error("BucketNotEmpty", BucketName=bucket)
        await self.inner.call("DeleteObject", {"Bucket": place.bucket, "Key": place.prefix})
        return {}
