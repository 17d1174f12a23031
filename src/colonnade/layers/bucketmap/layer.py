"""The layer: every operation with its names exchanged on the way in and on the way back."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.errors import S3Error
from colonnade.layers.bucketmap.folders import Folders
from colonnade.layers.bucketmap.names import Names, Place
from colonnade.layers.bucketmap.translate import answer_of, arguments_of
from colonnade.rules import copysource
from colonnade.rules.buckets import page


class BucketMap(Layer):
    """A backend whose buckets clients know by other names."""

    def __init__(self, inner: Backend, names: Names) -> None:
        super().__init__(inner)
        self.names = names
        self.folders = Folders(inner)

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Pass an operation on. Raises NoSuchBucket for a name that nothing of the backend answers to."""
        if operation == "ListBuckets":
            return await self._list(arguments)
        if "Bucket" not in arguments:
            return await self.inner.call(operation, arguments)
        bucket: str = arguments["Bucket"]
        place = self._place(bucket)
        if place.prefix:
            answer = await self.folders.call(operation, bucket, place, arguments)
            if answer is not None:
                return answer
        passed = arguments_of(operation, arguments, place)
        if "CopySource" in passed:
            passed["CopySource"] = self._source(passed["CopySource"])
        try:
            answer = await self.inner.call(operation, passed)
        except S3Error as error:
            _rename(error, bucket, arguments)
            raise
        return answer_of(answer, bucket, place)

    async def stamp(self, bucket: str) -> object:
        """The stamp of what it stands for; a part of another bucket has nothing that could change."""
        place = self.names.place(bucket)
        return None if place is None or place.prefix else await self.inner.stamp(place.bucket)

    def _place(self, bucket: str) -> Place:
        place = self.names.place(bucket)
        if place is None:
            raise S3Error("NoSuchBucket", BucketName=bucket)
        return place

    def _source(self, given: Any) -> dict[str, str]:
        source = copysource.parse(given)
        place = self._place(source["Bucket"])
        return {**source, "Bucket": place.bucket, "Key": place.prefix + source["Key"]}

    async def _list(self, arguments: Arguments) -> Answer:
        """ListBuckets: all under their clients' names, paged here, since the order is another."""
        said = await self.inner.call("ListBuckets", {})
        found: dict[str, dict[str, Any]] = {}
        for entry in said["Buckets"]:
            bucket = self.names.bucket(entry["Name"])
            if bucket is not None:
                found[bucket] = {**entry, "Name": bucket}
        if self.names.into:
            async for bucket, made in self.folders.names(self.names.into):
                if self.names.place(bucket) == Place(self.names.into, f"{bucket}/"):
                    found[bucket] = {"Name": bucket, "CreationDate": made}
        for bucket, place in self.names.folders():
            try:
                found[bucket] = {"Name": bucket, "CreationDate": await self.folders.made(bucket, place)}
            except S3Error as error:
                if error.code != "NoSuchBucket":
                    raise
        names, paging = page(arguments, found)
        owner = {"Owner": said["Owner"]} if "Owner" in said else {}
        return {"Buckets": [found[name] for name in names], **owner, **paging}


def _rename(error: S3Error, bucket: str, arguments: Arguments) -> None:
    """A refusal names what the client named."""
    for name, value in (("BucketName", bucket), ("Key", arguments.get("Key"))):
        if name in error.fields and value is not None:
            error.fields[name] = value
