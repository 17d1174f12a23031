"""CopyObject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.fixture
def source(client: S3Client, bucket: str) -> Any:
    """An object with everything beside it that a copy may take along."""
    client.put_object(
        Bucket=bucket, Key="source", Body=b"data", ContentType="text/plain", Metadata={"a": "1"}, Tagging="t=1"
    )
    return {"Bucket": bucket, "Key": "source"}


def test_bytes_and_metadata_go_along(client: S3Client, bucket: str, source: Any) -> None:
    """Without directives a copy has what its source has."""
    result = client.copy_object(Bucket=bucket, Key="copy", CopySource=source)["CopyObjectResult"]
    copy = client.get_object(Bucket=bucket, Key="copy")
    assert (copy["Body"].read(), copy["ContentType"], copy["Metadata"]) == (b"data", "text/plain", {"a": "1"})
    assert copy["ETag"] == result["ETag"]
    assert client.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "t", "Value": "1"}]


def test_metadata_can_be_replaced(client: S3Client, bucket: str, source: Any) -> None:
    """REPLACE takes the request's metadata, all of it."""
    client.copy_object(
        Bucket=bucket, Key="copy", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"},
        ContentType="image/png",
    )  # fmt: skip
    copy = client.head_object(Bucket=bucket, Key="copy")
    assert (copy["ContentType"], copy["Metadata"]) == ("image/png", {"b": "2"})


def test_metadata_of_the_request_is_ignored_otherwise(client: S3Client, bucket: str, source: Any) -> None:
    """COPY, the default, takes the source's."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source, Metadata={"b": "2"})
    assert client.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"a": "1"}


def test_tags_can_be_replaced(client: S3Client, bucket: str, source: Any) -> None:
    """The tagging directive is a thing of its own."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source, TaggingDirective="REPLACE", Tagging="x=y")
    assert client.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "x", "Value": "y"}]


def test_to_itself_without_a_change(client: S3Client, bucket: str, source: Any) -> None:
    """A copy that would change nothing is refused."""
    with refused("InvalidRequest", 400):
        client.copy_object(Bucket=bucket, Key="source", CopySource=source)


def test_to_itself_with_new_metadata(client: S3Client, bucket: str, source: Any) -> None:
    """This is how metadata is changed in S3."""
    client.copy_object(Bucket=bucket, Key="source", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"})
    answer = client.get_object(Bucket=bucket, Key="source")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"data", {"b": "2"})


@pytest.mark.parametrize("key", ["a b", "a+b", "a%20b", "ü/日本", "q?x=y", "a&b"])
def test_odd_sources(client: S3Client, bucket: str, key: str) -> None:
    """Names in the header are percent-encoded."""
    client.put_object(Bucket=bucket, Key=key, Body=key.encode())
    client.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert client.get_object(Bucket=bucket, Key="copy")["Body"].read() == key.encode()


def test_a_slash_in_front_of_the_source(bucket: str, raw: Raw, source: Any) -> None:
    """/bucket/key is as good as bucket/key."""
    assert raw("PUT", f"/{bucket}/copy", x_amz_copy_source=f"/{bucket}/source").status == 200


def test_the_null_version_as_source(client: S3Client, bucket: str, source: Any) -> None:
    """versionId=null names what a bucket without versions holds."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source | {"VersionId": "null"})
    assert client.head_object(Bucket=bucket, Key="copy")["ContentLength"] == 4


def test_a_missing_source(client: S3Client, bucket: str) -> None:
    """Nothing can't be copied."""
    with refused("NoSuchKey", 404):
        client.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "none"})


def test_a_source_without_key(bucket: str, raw: Raw) -> None:
    """The header must name bucket and key."""
    reply = raw("PUT", f"/{bucket}/copy", x_amz_copy_source="bucketonly")
    assert (reply.status, reply.find("Code")) == (400, "InvalidArgument")


def test_between_buckets(client: S3Client, bucket: str, new_bucket: str, source: Any) -> None:
    """The source may be in another bucket."""
    client.create_bucket(Bucket=f"{bucket}-other")
    client.copy_object(Bucket=f"{bucket}-other", Key="copy", CopySource=source)
    assert client.get_object(Bucket=f"{bucket}-other", Key="copy")["Body"].read() == b"data"


def test_another_checksum(client: S3Client, bucket: str, source: Any) -> None:
    """A copy can be summed another way than its source."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source, ChecksumAlgorithm="SHA1")
    assert "ChecksumSHA1" in client.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
