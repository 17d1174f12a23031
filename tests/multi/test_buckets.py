"""Buckets: the union, and a deleted one stays deleted."""

from __future__ import annotations

import pytest

from colonnade.errors import S3Error
from tests.multi.shelf import Tower


@pytest.fixture
def tower() -> Tower:
    """A bucket above, one below, one in both."""
    tower = Tower("top", "low")
    tower.store("top", "above")
    tower.store("top", "both")
    tower.store("low", "both")
    tower.store("low", "below", k="l")
    return tower


async def names(tower: Tower, **arguments: object) -> list[str]:
    """The names that ListBuckets gives."""
    return [entry["Name"] for entry in (await tower.call("ListBuckets", **arguments))["Buckets"]]


async def test_the_union(tower: Tower) -> None:
    """ListBuckets has every bucket once, sorted, and filters by prefix."""
    assert await names(tower) == ["above", "below", "both"]
    assert await names(tower, Prefix="b") == ["below", "both"]


async def test_pages(tower: Tower) -> None:
    """ListBuckets goes on where the token says."""
    page = await tower.call("ListBuckets", MaxBuckets=2)
    assert await names(tower, MaxBuckets=2, ContinuationToken=page["ContinuationToken"]) == ["both"]


@pytest.mark.parametrize(("bucket", "code"), [("above", ""), ("below", ""), ("both", ""), ("none", "NoSuchBucket")])
async def test_head(tower: Tower, bucket: str, code: str) -> None:
    """HeadBucket falls back."""
    assert await tower.code("HeadBucket", Bucket=bucket) == code


@pytest.mark.parametrize("bucket", ["above", "below", "both"])
async def test_a_visible_bucket_exists_already(tower: Tower, bucket: str) -> None:
    """CreateBucket of what any layer has is refused."""
    assert await tower.code("CreateBucket", Bucket=bucket) == "BucketAlreadyOwnedByYou"


async def test_a_new_bucket(tower: Tower) -> None:
    """CreateBucket makes it in the primary; with a layer down nobody can say that it is new."""
    assert await tower.code("CreateBucket", Bucket="new") == ""
    tower.faults["low"].fault = "refuse"
    assert await tower.code("CreateBucket", Bucket="newer") == "ServiceUnavailable"


@pytest.mark.parametrize(("bucket", "code"), [("above", ""), ("below", "NoSuchBucketPolicy"), ("none", "NoSuchBucket")])
async def test_the_policy_is_the_primarys(tower: Tower, bucket: str, code: str) -> None:
    """What belongs to a bucket is asked of the primary, and unset where that doesn't have it yet."""
    assert await tower.code("GetBucketPolicy", Bucket=bucket) == code


async def test_versioning_of_a_bucket_below(tower: Tower) -> None:
    """Some things are unset by an empty answer."""
    assert await tower.call("GetBucketVersioning", Bucket="below") == {}


async def test_not_while_a_key_shows(tower: Tower) -> None:
    """A bucket in which any layer shows a key isn't deleted."""
    assert await tower.code("DeleteBucket", Bucket="below") == "BucketNotEmpty"


@pytest.mark.parametrize("bucket", ["above", "both", "below"])
async def test_deleted_is_deleted(tower: Tower, bucket: str) -> None:
    """A deleted bucket is gone for good, also if a lower layer still has it."""
    if bucket == "below":
        await tower.call("DeleteObject", Bucket="below", Key="k")
    assert await tower.code("DeleteBucket", Bucket=bucket) == ""
    assert await tower.code("HeadBucket", Bucket=bucket) == "NoSuchBucket"
    assert await tower.code("GetObject", Bucket=bucket, Key="k") == "NoSuchBucket"
    assert await tower.code("PutObject", Bucket=bucket, Key="k") == "NoSuchBucket"
    assert await tower.code("ListObjectsV2", Bucket=bucket) == "NoSuchBucket"
    assert bucket not in await names(tower)


async def test_made_again_it_is_empty(tower: Tower) -> None:
    """A bucket of the same name doesn't begin with the old one's keys."""
    await tower.call("DeleteObject", Bucket="below", Key="k")
    await tower.call("DeleteBucket", Bucket="below")
    await tower.call("CreateBucket", Bucket="below")
    assert await tower.keys("below") == []
    assert await tower.code("GetObject", Bucket="below", Key="k") == "NoSuchKey"
    await tower.call("PutObject", Bucket="below", Key="k", Body=b"new")
    assert await tower.keys("below") == ["k"]


async def test_the_system_bucket_is_hidden(tower: Tower) -> None:
    """Clients don't see where deleted buckets are remembered."""
    await tower.call("DeleteBucket", Bucket="both")
    assert "colonnade-system" in tower.shelves["top"].buckets
    with pytest.raises(S3Error, match="NoSuchBucket"):
        await tower.keys("colonnade-system")


async def test_deleting_with_a_layer_down(tower: Tower) -> None:
    """Nobody can say that a bucket is empty while a layer is silent."""
    tower.faults["low"].fault = "refuse"
    assert await tower.code("DeleteBucket", Bucket="above") == "ServiceUnavailable"


@pytest.mark.parametrize(("bucket", "code"), [("below", "NoSuchUpload"), ("none", "NoSuchBucket")])
async def test_no_upload_where_only_a_lower_layer_has_the_bucket(tower: Tower, bucket: str, code: str) -> None:
    """A bucket that exists only below has no uploads, but it exists."""
    assert await tower.code("UploadPart", Bucket=bucket, Key="k", UploadId="u", PartNumber=1, Body=b"") == code
