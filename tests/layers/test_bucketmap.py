"""Buckets by other names: what clients see, and where it lies."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.errors import S3Error
from colonnade.layers.bucketmap import BucketMap, Names, Place

PAIRS = {"photos": "acme-photos", "old": "attic/old"}


@pytest.mark.parametrize(
    ("names", "bucket", "place"),
    [
        (Names(), "b", Place("b")),
        (Names(prefix="x-"), "b", Place("x-b")),
        (Names(into="one"), "b", Place("one", "b/")),
        (Names(pairs=PAIRS), "photos", Place("acme-photos")),
        (Names(pairs=PAIRS), "old", Place("attic", "old/")),
        (Names(pairs=PAIRS), "other", Place("other")),
        (Names(pairs=PAIRS), "acme-photos", None),
    ],
)
def test_where_a_bucket_lies(names: Names, bucket: str, place: Place | None) -> None:
    """Every kind of map, both ways."""
    assert names.place(bucket) == place
    if place is not None and not place.prefix:
        assert names.bucket(place.bucket) == bucket


@pytest.mark.parametrize("wrong", [{"prefix": "a", "into": "b"}, {"pairs": {"a": "x", "b": "x"}}, {"pairs": {"a": ""}}])
def test_maps_that_are_none(wrong: dict[str, Any]) -> None:
    """Two rules at once, two buckets in one place, half a pair."""
    with pytest.raises(ValueError, match="bucket"):
        Names(**wrong)


async def store(*buckets: str) -> Backend:
    """A backend that has some buckets."""
    made = load("memory", {})
    for bucket in buckets:
        await made.call("CreateBucket", {"Bucket": bucket})
    return made


async def fill(backend: Backend, bucket: str, *keys: str) -> None:
    """Some objects, each holding its key."""
    for key in keys:
        await backend.call("PutObject", {"Bucket": bucket, "Key": key, "Body": key.encode()})


async def test_many_buckets_in_one() -> None:
    """Folders of one bucket are buckets: made, filled, listed, copied between, emptied and deleted."""
    inner = await store("one-bucket")
    mapped = BucketMap(inner, Names(into="one-bucket"))
    for bucket in ("first", "second"):
        await mapped.call("CreateBucket", {"Bucket": bucket})
    await fill(mapped, "first", "a/b", "c")
    await mapped.call("CopyObject", {"Bucket": "second", "Key": "d", "CopySource": {"Bucket": "first", "Key": "c"}})
    names = [entry["Name"] for entry in (await mapped.call("ListBuckets", {}))["Buckets"]]
    page = await mapped.call("ListObjectsV2", {"Bucket": "first", "Delimiter": "/"})
    assert names == ["first", "second"]
    assert [entry["Key"] for entry in page["Contents"]] == ["c"]
    assert ([entry["Prefix"] for entry in page["CommonPrefixes"]], page["KeyCount"], page["Name"]) == (
        ["a/"],
        2,
        "first",
    )
    stored = await inner.call("ListObjectsV2", {"Bucket": "one-bucket"})
    assert [entry["Key"] for entry in stored["Contents"]] == ["first/", "first/a/b", "first/c", "second/", "second/d"]
    delete = {"Objects": [{"Key": "d"}]}
    assert (await mapped.call("DeleteObjects", {"Bucket": "second", "Delete": delete}))["Deleted"] == [{"Key": "d"}]
    await mapped.call("DeleteBucket", {"Bucket": "second"})
    with pytest.raises(S3Error) as refused:
        await mapped.call("ListObjectsV2", {"Bucket": "second"})
    assert (refused.value.code, refused.value.fields["BucketName"]) == ("NoSuchBucket", "second")


async def test_pages_of_a_folder() -> None:
    """Markers and tokens go through, whichever way a client pages."""
    inner = await store("one-bucket")
    mapped = BucketMap(inner, Names(into="one-bucket"))
    keys = [f"k{number}" for number in range(5)]
    await fill(mapped, "first", *keys)
    await fill(mapped, "second", "other")
    seen, marker = [], ""
    while True:
        page = await mapped.call("ListObjects", {"Bucket": "first", "MaxKeys": 2, "Marker": marker})
        seen += [entry["Key"] for entry in page["Contents"]]
        if not page["IsTruncated"]:
            break
        marker = seen[-1]
    after = await mapped.call("ListObjectsV2", {"Bucket": "first", "StartAfter": "k2", "MaxKeys": 1})
    rest = {"Bucket": "first", "ContinuationToken": after["NextContinuationToken"]}
    last = await mapped.call("ListObjectsV2", rest)
    assert (seen, [entry["Key"] for entry in last["Contents"]]) == (keys, ["k4"])


async def test_pairs_and_a_prefix() -> None:
    """A pair has its own name, all others have the prefix; what has neither isn't seen."""
    inner = await store("acme-photos", "x-docs", "foreign")
    mapped = BucketMap(inner, Names(prefix="x-", pairs={"photos": "acme-photos"}))
    assert [entry["Name"] for entry in (await mapped.call("ListBuckets", {}))["Buckets"]] == ["docs", "photos"]
    await fill(mapped, "photos", "k")
    assert (await inner.call("HeadObject", {"Bucket": "acme-photos", "Key": "k"}))["ContentLength"] == 1
    with pytest.raises(S3Error) as refused:
        await mapped.call("GetObject", {"Bucket": "photos", "Key": "none"})
    assert (refused.value.code, refused.value.fields.get("Key")) == ("NoSuchKey", "none")


async def test_read_only() -> None:
    """Nothing is written through it, reads are."""
    from colonnade.layers.readonly import ReadOnly

    inner = await store("bucket")
    await fill(inner, "bucket", "k")
    layer = ReadOnly(inner)
    assert (await layer.call("HeadObject", {"Bucket": "bucket", "Key": "k"}))["ContentLength"] == 1
    for operation in ("PutObject", "DeleteObject", "PutBucketPolicy", "NotYetInvented"):
        with pytest.raises(S3Error) as refused:
            await layer.call(operation, {"Bucket": "bucket", "Key": "k"})
        assert refused.value.code == "AccessDenied"
