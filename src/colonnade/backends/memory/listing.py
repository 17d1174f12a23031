"""Listings of objects in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.bucket import Bucket
from colonnade.backends.memory.store import Store
from colonnade.backends.memory.stored import Stored
from colonnade.rules import listing, objectacl
from colonnade.rules.listing_twice import list_object_versions
from colonnade.rules.pages import Cursor, Entry, Expanded, SortedCursor, each
from colonnade.rules.versions import check_marker


def _objects(bucket: Bucket) -> Cursor[Stored]:
    return Expanded(SortedCursor(bucket.keys, bucket.keys), lambda key, _: bucket.versions[key][:1])


def _versions(bucket: Bucket) -> Cursor[Stored]:
    keys = sorted([*bucket.keys, *bucket.marked]) if bucket.marked else bucket.keys
    return Expanded(SortedCursor(keys, keys), lambda key, _: bucket.versions[key])


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


def _owner(bucket: Bucket, stored: Stored) -> Entry:
    return {"Owner": objectacl.shown(stored.acl, bucket.ownership)["Owner"]}


class Listing(Store):
    """ListObjects, ListObjectsV2 and ListObjectVersions."""

    async def list_objects(self, **arguments: Any) -> Answer:
        """One page, with owners."""
        bucket = self.bucket(arguments["Bucket"])
        return listing.list_objects(
            arguments, _objects(bucket), each(lambda key, stored: _entry(key, stored) | _owner(bucket, stored))
        )

    async def list_objects_v2(self, **arguments: Any) -> Answer:
        """One page, with owners if FetchOwner says so."""
        bucket = self.bucket(arguments["Bucket"])
        owned = bool(arguments.get("FetchOwner"))
        return listing.list_objects_v2(
            arguments,
            _objects(bucket),
            each(lambda key, stored: _entry(key, stored) | (_owner(bucket, stored) if owned else {})),
        )

    async def list_object_versions(self, **arguments: Any) -> Answer:
        """One page; in a bucket that never kept versions every object is its only one, "null"."""
        bucket = self.bucket(arguments["Bucket"])
        check_marker(arguments)

        def entry(key: str, stored: Stored) -> Entry:
            said: Entry = {
                "VersionId": stored.version,
                "IsLatest": stored is bucket.versions[key][0],
                **_owner(bucket, stored),
            }
            if stored.marker:
                return {"Key": key, "LastModified": stored.last_modified, **said}
            return _entry(key, stored) | said

        return list_object_versions(arguments, _versions(bucket), entry, lambda stored: stored.version)
