"""Bucket configurations in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backends import bucketconfig
from colonnade.backends.memory.store import Store
from colonnade.rules.bucketconfig import Kind


class BucketConfigurations(Store, bucketconfig.BucketConfigurations):
    """What a bucket keeps of each kind, by the kind's name."""

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
        self.bucket(bucket).stamp = object()
        value = change(kept.get(kind.name))
        if value is None:
            kept.pop(kind.name, None)
        else:
            kept[kind.name] = value
