"""Listings of objects in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Bucket, Store, Stored
from colonnade.rules import listing
from colonnade.rules.listing_twice import list_object_versions
from colonnade.rules.pages import Entry, SortedCursor


def _cursor(bucket: Bucket) -> SortedCursor[str]:
    return SortedCursor(bucket.keys, bucket.keys)


def _entry(key: str, stored: Stored) -> Entry:
    entry: Entry = {
        "Key": key,
        "LastModified": stored.last_modified,
        "ETag": stored.etag,
        "Size": len(stored.data),
        "StorageClass": stored.storage_class,
    }
    if stored.checksum.value:
        entry |= {"ChecksumAlgorithm": [stored.checksum.algorithm], "ChecksumType": stored.checksum.type}
    return entry


class Listing(Store):
    """ListObjects, ListObjectsV2 and ListObjectVersions."""

    async def list_objects(self, **arguments: Any) -> Answer:
        """One page, with owners."""
        bucket = self.bucket(arguments["Bucket"])
        return listing.list_objects(
            arguments, _cursor(bucket), lambda key, _: _entry(key, bucket.objects[key]) | {"Owner": bucket.owner}
        )

    async def list_objects_v2(self, **arguments: Any) -> Answer:
        """One page, with owners if FetchOwner says so."""
        bucket = self.bucket(arguments["Bucket"])
        owned: Entry = {"Owner": bucket.owner} if arguments.get("FetchOwner") else {}
        return listing.list_objects_v2(
            arguments, _cursor(bucket), lambda key, _: _entry(key, bucket.objects[key]) | owned
        )

    async def list_object_versions(self, **arguments: Any) -> Answer:
        """One page; every object is its only version, "null"."""
        bucket = self.bucket(arguments["Bucket"])
        only: Entry = {"VersionId": "null", "IsLatest": True, "Owner": bucket.owner}
        return list_object_versions(arguments, _cursor(bucket), lambda key, _: _entry(key, bucket.objects[key]) | only)
