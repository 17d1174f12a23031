"""Bucket configurations in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends import bucketconfig
from colonnade.backends.memory.store import Store
from colonnade.rules import lock, versions
from colonnade.rules.bucketconfig import Kind


class BucketConfigurations(Store, bucketconfig.BucketConfigurations):
    """What a bucket keeps of each kind, by the kind's name."""

    async def get_bucket_versioning(self, **arguments: Any) -> Answer:
        """Empty for a bucket that was never versioned."""
        status = self.bucket(arguments["Bucket"]).versioning
        return {"Status": status} if status else {}

    async def put_bucket_versioning(self, **arguments: Any) -> Answer:
        """Enable or suspend. Raises InvalidBucketState where Object Lock needs versions."""
        status = versions.check_configuration(arguments["VersioningConfiguration"])
        bucket = self.bucket(arguments["Bucket"])
        if status == versions.SUSPENDED:
            lock.check_suspension(bucket.lock)
        bucket.versioning = status
        return {}

    async def configuration(self, bucket: str, kind: Kind) -> Any:
        """See the base."""
        return self.bucket(bucket).configurations.get(kind.name)

    async def stamp(self, bucket: str) -> object:
        """See Backend."""
        found = self.buckets.get(bucket)
        return None if found is None else found.stamp

    async def configure(self, bucket: str, kind: Kind, change: bucketconfig.Change) -> None:
        """See the base."""
        kept = self.bucket(bucket).configurations
        if kind.name == "lock":
            lock.check_versioned(self.bucket(bucket).versioning == versions.ENABLED)
        self.bucket(bucket).stamp = object()
        value = change(kept.get(kind.name))
        if value is None:
            kept.pop(kind.name, None)
        else:
            kept[kind.name] = value
