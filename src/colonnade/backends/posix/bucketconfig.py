"""What is kept with a bucket: tags, ACL, ownership."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import acl, properties
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.errors import S3Error
from colonnade.rules import tagging


class BucketConfigurations(Served):
    """The operations on a bucket's own attributes."""

    async def get_bucket_tagging(self, **arguments: Any) -> Answer:
        """The bucket's tags. Raises NoSuchTagSet."""
        kept = self._get(arguments["Bucket"], properties.TAGS)
        if kept is None:
            raise S3Error("NoSuchTagSet", BucketName=arguments["Bucket"])
        return {"TagSet": properties.tags_from_json(kept)}

    async def put_bucket_tagging(self, **arguments: Any) -> Answer:
        """Replace the bucket's tags."""
        tags = arguments["Tagging"].get("TagSet") or []
        tagging.check(tags, tagging.BUCKET_LIMIT)
        return await self._change(arguments["Bucket"], {properties.TAGS: properties.tags_to_json(tags)})

    async def delete_bucket_tagging(self, **arguments: Any) -> Answer:
        """Remove the bucket's tags."""
        return await self._change(arguments["Bucket"], {}, [properties.TAGS])

    async def get_bucket_acl(self, **arguments: Any) -> Answer:
        """The bucket's owner and grants."""
        return acl.answer(self._get(arguments["Bucket"], "acl"))

    async def get_bucket_ownership_controls(self, **arguments: Any) -> Answer:
        """Who owns the objects written into the bucket. Raises OwnershipControlsNotFoundError."""
        kept = self._get(arguments["Bucket"], "ownership")
        if kept is None:
            raise S3Error("OwnershipControlsNotFoundError", BucketName=arguments["Bucket"])
        return {"OwnershipControls": {"Rules": [{"ObjectOwnership": kept.decode()}]}}

    async def get_bucket_versioning(self, **arguments: Any) -> Answer:
        """Empty for a bucket that was never versioned."""
        kept = self._get(arguments["Bucket"], "versioning")
        return {} if kept is None else {"Status": "Enabled" if kept == b"\x01" else "Suspended"}

    def _get(self, bucket: str, name: str) -> bytes | None:
        with os_errors(BucketName=bucket):
            return self.tree.store.get(self.tree.bucket(bucket), name)

    async def _change(self, bucket: str, values: Mapping[str, bytes], drop: Collection[str] = ()) -> Answer:
        where = Where(bucket, "", bucket, "", True)

        def change() -> int:
            fd = self.tree.root.open(bucket, DIRECTORY)
            try:
                self.tree.store.change(fd, where, values, drop, durable=False)
            except BaseException:
                os.close(fd)
                raise
            return fd

        with os_errors(BucketName=bucket):
            self.tree.bucket(bucket)
            fd = await self.tree.locks.holding(bucket, bucket, change)
            await self.tree.flushed([fd])
        return {}
