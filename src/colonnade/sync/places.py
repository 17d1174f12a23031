"""A place: a backend, and what of it is meant: all buckets, one bucket, or the keys under a prefix."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from colonnade.backend import Arguments, Backend
from colonnade.errors import S3Error
from colonnade.multi.markers import reserved


@dataclass(frozen=True, slots=True)
class Place:
    """Where objects come from or go to. `name` is how it was written; without a `bucket` it is all buckets.

    `system` is the bucket of its own that an overlay keeps there, whose primary the place is: what is the overlay's
    alone is left out then.
    """

    name: str
    backend: Backend
    bucket: str = ""
    prefix: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a listing, without the place's prefix."""

    key: str
    size: int
    etag: str
    modified: Any


async def buckets(place: Place) -> list[str]:
    """The buckets of a place that is a whole backend."""
    found: list[str] = []
    asked: Arguments = {}
    while True:
        page = await place.backend.call("ListBuckets", asked)
        found += [entry["Name"] for entry in page.get("Buckets", ()) if entry["Name"] != place.system]
        if not page.get("ContinuationToken"):
            return found
        asked["ContinuationToken"] = page["ContinuationToken"]


async def entries(place: Place, after: str = "") -> AsyncIterator[Entry]:
    """The keys of a place in order, those behind `after`; none where the bucket isn't there.

    Raises S3Error NoSuchBucket only for a place that must be there: see `must_exist`.
    """
    asked: Arguments = {"Bucket": place.bucket, "Prefix": place.prefix}
    if after:
        asked["StartAfter"] = place.prefix + after
    while True:
        try:
            page = await place.backend.call("ListObjectsV2", asked)
        except S3Error as error:
            if error.code == "NoSuchBucket":
                return
            raise
        for entry in page.get("Contents", ()):
            key = entry["Key"].removeprefix(place.prefix)
            if place.system and reserved(entry["Key"]):
                continue
            yield Entry(key, entry["Size"], entry["ETag"], entry["LastModified"])
        if not page.get("IsTruncated"):
            return
        asked["ContinuationToken"] = page["NextContinuationToken"]


async def must_exist(place: Place) -> None:
    """Raises NoSuchBucket for a bucket that isn't there."""
    if place.bucket:
        await place.backend.call("HeadBucket", {"Bucket": place.bucket})


async def make_bucket(place: Place) -> None:
    """Make the bucket of a place if it isn't there."""
    try:
        await place.backend.call("HeadBucket", {"Bucket": place.bucket})
    except S3Error as error:
        if error.status != 404:
            raise
        await place.backend.call("CreateBucket", {"Bucket": place.bucket})
