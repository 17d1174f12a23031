"""Buckets in memory."""

from __future__ import annotations

from typing import Any

from colonnade import context
from colonnade.backend import Answer
from colonnade.backends.memory.bucket import Bucket
from colonnade.backends.memory.store import Store
from colonnade.backends.memory.stored import owner
from colonnade.errors import S3Error
from colonnade.rules import acl, bucketconfig, buckets, names


class Buckets(Store):
    """The operations on buckets themselves."""

    async def create_bucket(self, **arguments: Any) -> Answer:
        """Make a bucket. Raises BucketAlreadyOwnedByYou or BucketAlreadyExists."""
        name = arguments["Bucket"]
        names.check_bucket(name)
        found = self.buckets.get(name)
        if found is not None:
            mine = found.owner == owner()
            raise S3Error("BucketAlreadyOwnedByYou" if mine else "BucketAlreadyExists", BucketName=name)
        configuration = arguments.get("CreateBucketConfiguration") or {}
        granted, ownership = acl.of_new_bucket(arguments)
        kept = bucketconfig.of_new_bucket(arguments, block_public_access=self.block_public_access)
        kept["acl"] = granted
        kept["ownership"] = {"Rules": [{"ObjectOwnership": ownership}]}
        self.buckets[name] = Bucket(name, configuration.get("LocationConstraint") or self.region, kept)
        return {"Location": f"/{name}"}

    async def delete_bucket(self, **arguments: Any) -> Answer:
        """Remove an empty bucket; uploads under way don't keep it. Raises BucketNotEmpty."""
        bucket = self.bucket(arguments["Bucket"])
        if bucket.versions:
            raise S3Error("BucketNotEmpty", BucketName=bucket.name)
        del self.buckets[bucket.name]
        return {}

    async def head_bucket(self, **arguments: Any) -> Answer:
        """That a bucket is there, and its region."""
        return {"BucketRegion": self.bucket(arguments["Bucket"]).location, "AccessPointAlias": False}

    async def list_buckets(self, **arguments: Any) -> Answer:
        """The caller's buckets in order of their names; all of them for root, admins and no caller."""
        account = context.caller()
        everything = account is None or account.role == "admin"
        mine, region = owner(), arguments.get("BucketRegion")
        there = (b for b in self.buckets.values() if everything or b.owner == mine)
        shown, said = buckets.page(arguments, (b.name for b in there if region in (None, b.location)))
        rows = [_row(self.buckets[name]) for name in shown]
        return {"Buckets": rows, "Owner": mine, **said}

    async def get_bucket_location(self, **arguments: Any) -> Answer:
        """Where the bucket was made; nothing for us-east-1, as S3 has it."""
        location = self.bucket(arguments["Bucket"]).location
        return {"LocationConstraint": location} if location != "us-east-1" else {}


def _row(bucket: Bucket) -> Answer:
    return {"Name": bucket.name, "CreationDate": bucket.created, "BucketRegion": bucket.location}
