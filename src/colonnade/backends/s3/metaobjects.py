"""The objects in a meta bucket: one for each bucket and each thing kept of it, by the compatible gateway's names."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from colonnade.backend import Answer, Backend
from colonnade.errors import S3Error
from colonnade.rules import acl

#: What is kept of a bucket: its ACL, and configurations by the names of their kinds.
KEPT = ("acl", "policy", "cors", "website", "public-access-block")

#: The ETag of each of those, None for what isn't kept.
Tags: TypeAlias = dict[str, str | None]

#: What a service says when somebody was quicker. What had an ETag may also be gone since.
_OVERTAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "OperationAborted", "NoSuchKey")

#: How many owners are asked for at a time, for a listing of buckets.
OWNERS_AT_ONCE = 16


class MetaObjects:
    """Reads and writes them in the bucket `name` of a service."""

    def __init__(self, service: Backend, name: str) -> None:
        self.service = service
        self.name = name

    async def read(self, what: str, bucket: str) -> bytes | None:
        """What is kept, None for nothing. Raises NoSuchBucket for a bucket that isn't there."""
        try:
            got = await self._call("GetObject", what, bucket)
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
            await self.service.call("HeadBucket", {"Bucket": bucket})
            return None
        data: bytes = await got["Body"].read()
        return data

    async def write(self, what: str, bucket: str, raw: bytes) -> None:
        """Keep it, instead of what was."""
        await self._call("PutObject", what, bucket, Body=raw)

    async def claim(self, bucket: str, raw: bytes, before: str | None) -> bool:
        """Keep the ACL of a new bucket, unless somebody else has kept one meanwhile; whether it is kept.

        `before` is what `tag` said before the bucket was made: an earlier bucket may have left something. A service
        that knows no conditions keeps it in any case.
        """
        condition = {"IfNoneMatch": "*"} if before is None else {"IfMatch": before}
        try:
            await self._call("PutObject", "acl", bucket, Body=raw, **condition)
        except S3Error as error:
            if error.code in _OVERTAKEN:
                return False
            if error.code != "NotImplemented":
                raise
            await self.write("acl", bucket, raw)
        return True

    async def release(self, bucket: str, tags: Tags, *but: str) -> None:
        """Keep no longer what `tags` said of a bucket that is gone, but for what is named; what is newer stays.

        Each by itself: not every service has DeleteObjects. One that knows no conditions keeps nothing in any case.
        """
        await asyncio.gather(
            *(self._release(what, bucket, tag) for what, tag in tags.items() if tag is not None and what not in but)
        )

    async def _release(self, what: str, bucket: str, tag: str) -> None:
        try:
            await self._call("DeleteObject", what, bucket, IfMatch=tag)
        except S3Error as error:
            if error.code in _OVERTAKEN:
                return
            if error.code != "NotImplemented":
                raise
            await self.remove(what, bucket)

    async def tags(self, bucket: str) -> Tags:
        """The ETags of all that is kept of a bucket."""
        return dict(zip(KEPT, await asyncio.gather(*(self.tag(what, bucket) for what in KEPT)), strict=True))

    async def tag(self, what: str, bucket: str) -> str | None:
        """The ETag of what is kept, None for nothing."""
        try:
            found = await self._call("HeadObject", what, bucket)
        except S3Error as error:
            if error.status != 404:
                raise
            return None
        etag: str = found["ETag"]
        return etag

    async def remove(self, what: str, bucket: str) -> None:
        """Keep nothing."""
        await self._call("DeleteObject", what, bucket)

    async def acl(self, bucket: str) -> Answer:
        """Owner and grants; empty for a bucket that was not made through a gateway."""
        raw = await self.read("acl", bucket)
        return acl.from_json(raw) if raw is not None else {"Owner": acl.owner(""), "Grants": []}

    async def owner(self, bucket: str) -> str:
        """The access key of who made the bucket, empty where nobody knows."""
        owner: str = (await self.acl(bucket))["Owner"]["ID"]
        return owner

    async def owned(self, entries: list[dict[str, Any]], access: str) -> list[dict[str, Any]]:
        """Those of some buckets, as ListBuckets has them, that an account made."""
        turns = asyncio.Semaphore(OWNERS_AT_ONCE)

        async def owner(bucket: str) -> str:
            async with turns:
                try:
                    return await self.owner(bucket)
                except S3Error as error:
                    if error.code != "NoSuchBucket":  # removed since it was listed
                        raise
                    return ""

        owners = await asyncio.gather(*(owner(entry["Name"]) for entry in entries))
        return [entry for entry, found in zip(entries, owners, strict=True) if found == access]

    async def _call(self, operation: str, what: str, bucket: str, **more: Any) -> Answer:
        """Ask for one of the objects. That the meta bucket is gone says nothing of the bucket in question."""
        at = {"Bucket": self.name, "Key": f"vgw-meta-{what}-{bucket}"}
        try:
            return await self.service.call(operation, {**at, **more})
        except S3Error as error:
            if error.code == "NoSuchBucket":
                raise S3Error("ServiceUnavailable", f"The meta bucket {self.name} is gone.") from error
            raise
