"""Buckets: making, finding, listing and removing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from colonnade.testing import Endpoint
from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def test_a_new_bucket_is_there(client: S3Client, bucket: str) -> None:
    """HeadBucket finds what CreateBucket made."""
    assert client.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_creating_says_where(client: S3Client, new_bucket: str) -> None:
    """CreateBucket's Location is the bucket's path."""
    assert client.create_bucket(Bucket=new_bucket)["Location"] == f"/{new_bucket}"


def test_creating_twice_is_refused(client: S3Client, bucket: str) -> None:
    """A bucket of one's own can't be made again."""
    with refused("BucketAlreadyOwnedByYou", 409):
        client.create_bucket(Bucket=bucket)


@pytest.mark.parametrize("name", ["Upper", "ab", "a..b", "192.168.5.4", "-ab", "ab-", "a_b", "xn--abc", "x" * 64])
def test_bad_names_are_refused(raw: Raw, name: str) -> None:
    """S3's rules for bucket names hold."""
    reply = raw("PUT", f"/{name}")
    assert (reply.status, reply.find("Code")) == (400, "InvalidBucketName")


def test_a_directory_bucket_is_not_made(client: S3Client, new_bucket: str) -> None:
    """Nor another kind of bucket in its place."""
    asked: Any = {
        "Location": {"Type": "AvailabilityZone", "Name": "use1-az4"},
        "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
    }
    with refused("NotImplemented", 501):
        client.create_bucket(Bucket=new_bucket, CreateBucketConfiguration=asked)
    with refused("404", 404):
        client.head_bucket(Bucket=new_bucket)


def test_a_missing_bucket_is_404(client: S3Client, new_bucket: str) -> None:
    """HeadBucket of nothing is 404 without a body."""
    with refused("404", 404):
        client.head_bucket(Bucket=new_bucket)


def test_its_region(client: S3Client, target: Endpoint, bucket: str) -> None:
    """HeadBucket tells it, ListBuckets too, which can be asked for the buckets of one region."""
    assert client.head_bucket(Bucket=bucket)["BucketRegion"] == target.region
    (row,) = client.list_buckets(Prefix=bucket, BucketRegion=target.region)["Buckets"][:1]
    assert (row["Name"], row["BucketRegion"]) == (bucket, target.region)
    assert client.list_buckets(Prefix=bucket, BucketRegion="moon-east-1")["Buckets"] == []


def test_its_region_for_everybody(target: Endpoint, raw: Raw, bucket: str) -> None:
    """HeadBucket tells it also to those who may not see the bucket: so SDKs find out where to ask."""
    reply = raw.unsigned("HEAD", f"/{bucket}")
    assert (reply.status, reply.headers["x-amz-bucket-region"]) == (403, target.region)


def test_a_deleted_bucket_is_gone(client: S3Client, bucket: str) -> None:
    """DeleteBucket is 204, and then nothing is there."""
    assert client.delete_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("404", 404):
        client.head_bucket(Bucket=bucket)


def test_deleting_a_missing_bucket_is_refused(client: S3Client, new_bucket: str) -> None:
    """Unlike a key, a bucket that isn't there can't be deleted."""
    with refused("NoSuchBucket", 404):
        client.delete_bucket(Bucket=new_bucket)


def test_a_bucket_with_objects_stays(client: S3Client, bucket: str) -> None:
    """Only empty buckets can be deleted."""
    client.put_object(Bucket=bucket, Key="a/b")
    with refused("BucketNotEmpty", 409):
        client.delete_bucket(Bucket=bucket)


def test_emptied_buckets_can_be_deleted(client: S3Client, bucket: str) -> None:
    """Nothing invisible stays behind that keeps a bucket."""
    client.put_object(Bucket=bucket, Key="a/b")
    client.delete_object(Bucket=bucket, Key="a/b")
    client.delete_bucket(Bucket=bucket)


def test_a_bucket_made_again_is_empty(client: S3Client, bucket: str) -> None:
    """What was in a deleted bucket doesn't come back."""
    client.put_object(Bucket=bucket, Key="k")
    client.delete_object(Bucket=bucket, Key="k")
    client.delete_bucket(Bucket=bucket)
    client.create_bucket(Bucket=bucket)
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)


def test_listing_shows_all_in_order(client: S3Client, bucket: str) -> None:
    """ListBuckets is sorted by name and has the date."""
    rows = client.list_buckets()["Buckets"]
    names = [row["Name"] for row in rows]
    assert bucket in names
    assert names == sorted(names)
    assert all("CreationDate" in row for row in rows)


def test_listing_by_prefix(client: S3Client, bucket: str) -> None:
    """Prefix leaves out other names, and is repeated."""
    answer = client.list_buckets(Prefix=bucket)
    assert bucket in [row["Name"] for row in answer["Buckets"]]
    assert answer["Prefix"] == bucket
    assert client.list_buckets(Prefix="none-such")["Buckets"] == []


def test_listing_by_pages(client: S3Client, new_bucket: str) -> None:
    """MaxBuckets cuts pages that tokens join."""
    names = [f"{new_bucket}-page-{n}" for n in range(3)]
    for name in names:
        client.create_bucket(Bucket=name)
    pages = client.get_paginator("list_buckets").paginate(Prefix=f"{new_bucket}-page", PaginationConfig={"PageSize": 1})
    assert [[row["Name"] for row in page["Buckets"]] for page in pages] == [[name] for name in names]


def test_location_of_the_default_region(client: S3Client, bucket: str) -> None:
    """us-east-1 is an empty LocationConstraint."""
    assert client.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None


def test_versioning_was_never_set(client: S3Client, bucket: str) -> None:
    """GetBucketVersioning of a new bucket has no Status."""
    assert "Status" not in client.get_bucket_versioning(Bucket=bucket)


@pytest.mark.parametrize(
    "operation", ["get_bucket_location", "get_bucket_versioning", "list_objects", "list_objects_v2",
                  "list_object_versions", "list_multipart_uploads", "get_bucket_tagging"]
)  # fmt: skip
def test_every_operation_knows_that_a_bucket_is_missing(client: S3Client, new_bucket: str, operation: str) -> None:
    """NoSuchBucket, naming it, comes from each of them."""
    with refused("NoSuchBucket", 404) as fields:
        getattr(client, operation)(Bucket=new_bucket)
    assert fields["BucketName"] == new_bucket
