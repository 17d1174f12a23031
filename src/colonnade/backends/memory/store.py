"""The buckets kept in memory, and how objects are looked up in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer, Backend
from colonnade.backends.memory.bucket import Bucket
from colonnade.backends.memory.stored import Stored
from colonnade.errors import S3Error
from colonnade.rules import copies, names
from colonnade.rules.versions import check_id


class Store(Backend):
    """What all rooms of the backend stand on.

    `region` is the one its buckets are in, unless they were made for another; `block_public_access` gives new
    buckets a public access block; uploads that got no part for `expire_uploads` seconds are cleared away, unless
    that is 0.
    """

    def __init__(
        self, *, region: str = "us-east-1", block_public_access: bool = False, expire_uploads: int = 0
    ) -> None:
        super().__init__()
        self.region = region
        self.block_public_access = block_public_access
        self.expire_uploads = expire_uploads
        self.buckets: dict[str, Bucket] = {}

    def bucket(self, name: str) -> Bucket:
        """A bucket. Raises NoSuchBucket."""
        found = self.buckets.get(name)
        if found is None:
            raise S3Error("NoSuchBucket", BucketName=name)
        return found

    def stored(self, arguments: Mapping[str, Any]) -> Stored:
        """The version that Bucket, Key and VersionId name.

        Raises NoSuchBucket, InvalidArgument, and what `Bucket.find` raises.
        """
        bucket, key = self.bucket(arguments["Bucket"]), arguments["Key"]
        names.check_key(key)
        check_id(arguments)
        return bucket.find(key, arguments.get("VersionId"))

    def source(self, source: Mapping[str, Any]) -> tuple[Stored, Answer]:
        """What a copy is made of, and what its answer says of that. Raises as `stored` does, and InvalidRequest."""
        with copies.judged():
            found = self.stored(source)
        said = self.bucket(source["Bucket"]).said(found)
        return found, {"CopySourceVersionId": said["VersionId"]} if said else {}
