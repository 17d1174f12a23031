"""Tags of objects and buckets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

TAGS: Any = [{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1 ü+/"}]


def by_key(tags: Any) -> Any:
    """Tags are a set."""
    return sorted(tags, key=lambda tag: tag["Key"])


@pytest.fixture(autouse=True)
def _object(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="k", Body=b"x")


def test_of_an_object(client: S3Client, bucket: str) -> None:
    """What PutObjectTagging sets GetObjectTagging gives, and GetObject counts."""
    client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": TAGS})
    assert by_key(client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]) == by_key(TAGS)
    assert client.get_object(Bucket=bucket, Key="k")["TagCount"] == 2


def test_without_tags(client: S3Client, bucket: str) -> None:
    """An object without tags has an empty set."""
    assert client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


def test_in_the_header(client: S3Client, bucket: str) -> None:
    """An upload can bring its tags along."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", Tagging="a=1&b%20c=%C3%BC")
    expected = [{"Key": "a", "Value": "1"}, {"Key": "b c", "Value": "ü"}]
    assert by_key(client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"]) == expected


def test_replaced_and_removed(client: S3Client, bucket: str) -> None:
    """Tags are replaced as a whole and removed as a whole."""
    client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": TAGS})
    client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "c", "Value": ""}]})
    assert client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "c", "Value": ""}]
    client.delete_object_tagging(Bucket=bucket, Key="k")
    assert client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []


def test_eleven_are_too_many(client: S3Client, bucket: str) -> None:
    """An object has at most ten tags."""
    tags: Any = [{"Key": str(n), "Value": ""} for n in range(11)]
    with refused("BadRequest", 400):
        client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}],
        [{"Key": "k" * 129, "Value": ""}],
        [{"Key": "a", "Value": "v" * 257}],
        [{"Key": "a!", "Value": ""}],
    ],
)
def test_bad_ones(client: S3Client, bucket: str, tags: Any) -> None:
    """Names are unique, lengths and letters limited."""
    with refused("InvalidTag", 400):
        client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})


def test_of_a_missing_object(client: S3Client, bucket: str) -> None:
    """There is nothing to tag."""
    with refused("NoSuchKey", 404):
        client.get_object_tagging(Bucket=bucket, Key="none")


def test_last_modified_stays(client: S3Client, bucket: str) -> None:
    """Tags are no write of the object."""
    before = client.head_object(Bucket=bucket, Key="k")
    client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": TAGS})
    after = client.head_object(Bucket=bucket, Key="k")
    assert (before["LastModified"], before["ETag"]) == (after["LastModified"], after["ETag"])


def test_of_a_bucket(client: S3Client, bucket: str) -> None:
    """A bucket's tags are set, read and removed; without any there is no set."""
    client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS})
    assert by_key(client.get_bucket_tagging(Bucket=bucket)["TagSet"]) == by_key(TAGS)
    client.delete_bucket_tagging(Bucket=bucket)
    with refused("NoSuchTagSet", 404):
        client.get_bucket_tagging(Bucket=bucket)
