"""Objects: what is put is what is got."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING

import pytest

from tests.conformance.raw import refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.mark.parametrize("size", [0, 1, 4096, 300_000])
def test_bytes_come_back(client: S3Client, bucket: str, size: int) -> None:
    """GetObject gives the bytes that PutObject took."""
    data = bytes(range(256)) * (size // 256 + 1)
    client.put_object(Bucket=bucket, Key="k", Body=data[:size])
    answer = client.get_object(Bucket=bucket, Key="k")
    assert answer["Body"].read() == data[:size]
    assert answer["ContentLength"] == size


def test_the_etag_is_the_md5(client: S3Client, bucket: str) -> None:
    """A plain upload's ETag is its quoted MD5, everywhere."""
    tag = f'"{hashlib.md5(b"data").hexdigest()}"'
    assert client.put_object(Bucket=bucket, Key="k", Body=b"data")["ETag"] == tag
    assert client.head_object(Bucket=bucket, Key="k")["ETag"] == tag
    assert client.list_objects_v2(Bucket=bucket)["Contents"][0]["ETag"] == tag


def test_overwriting_replaces(client: S3Client, bucket: str) -> None:
    """The last write is what is read."""
    client.put_object(Bucket=bucket, Key="k", Body=b"longer first", Metadata={"a": "1"})
    client.put_object(Bucket=bucket, Key="k", Body=b"second")
    answer = client.get_object(Bucket=bucket, Key="k")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"second", {})


def test_head_is_get_without_body(client: S3Client, bucket: str) -> None:
    """HeadObject says what GetObject says."""
    client.put_object(Bucket=bucket, Key="k", Body=b"data", ContentType="text/plain", Metadata={"a": "1"})
    head, get = client.head_object(Bucket=bucket, Key="k"), client.get_object(Bucket=bucket, Key="k")
    for name in ("ContentLength", "ETag", "LastModified", "ContentType", "Metadata", "AcceptRanges"):
        assert head.get(name) == get.get(name), name


def test_a_missing_key_is_named(client: S3Client, bucket: str) -> None:
    """GetObject of nothing is NoSuchKey."""
    with refused("NoSuchKey", 404) as fields:
        client.get_object(Bucket=bucket, Key="none")
    assert fields["Key"] == "none"


def test_head_of_a_missing_key(client: S3Client, bucket: str) -> None:
    """HeadObject of nothing is a bare 404."""
    with refused("404", 404):
        client.head_object(Bucket=bucket, Key="none")


def test_putting_into_a_missing_bucket(client: S3Client, new_bucket: str) -> None:
    """PutObject makes no buckets."""
    with refused("NoSuchBucket", 404):
        client.put_object(Bucket=new_bucket, Key="k", Body=b"x")


@pytest.mark.parametrize(
    "key", ["a b", "a+b", "a%20b", "ä/ö/ü", "日本", "😀", "a&b<c>'\"", "~tilde", "a;b=c,d:e@f$g!h(i)*", "back\\slash",
            "#hash?query", ".hidden", "a/.b/c", "tab\there", "-", "a" * 255, "/".join(["b" * 100] * 10)]
)  # fmt: skip
def test_odd_keys(client: S3Client, bucket: str, key: str) -> None:
    """Any key that is UTF-8 holds its own object and is listed as it is."""
    client.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [row["Key"] for row in client.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_keys_have_at_most_1024_bytes(client: S3Client, bucket: str) -> None:
    """One byte more is KeyTooLongError, counted as UTF-8, whatever is to be done with it."""
    for operation in (client.put_object, client.get_object, client.delete_object, client.get_object_tagging):
        with refused("KeyTooLongError", 400):
            operation(Bucket=bucket, Key="a/" * 511 + "ääx")


def test_keys_are_case_sensitive(client: S3Client, bucket: str) -> None:
    """Two spellings are two objects."""
    client.put_object(Bucket=bucket, Key="Key", Body=b"upper")
    client.put_object(Bucket=bucket, Key="key", Body=b"lower")
    assert client.get_object(Bucket=bucket, Key="Key")["Body"].read() == b"upper"


def test_a_directory_object(client: S3Client, bucket: str) -> None:
    """A key that ends with a slash is an object as any other, beside what is below it."""
    client.put_object(Bucket=bucket, Key="dir/")
    client.put_object(Bucket=bucket, Key="dir/file", Body=b"x")
    assert client.head_object(Bucket=bucket, Key="dir/")["ContentLength"] == 0
    assert [row["Key"] for row in client.list_objects_v2(Bucket=bucket)["Contents"]] == ["dir/", "dir/file"]


def test_a_prefix_is_no_object(client: S3Client, bucket: str) -> None:
    """What only leads to a key can't be read."""
    client.put_object(Bucket=bucket, Key="a/b", Body=b"x")
    for key in ("a", "a/"):
        with refused("404", 404):
            client.head_object(Bucket=bucket, Key=key)


def test_the_null_version_is_the_object(client: S3Client, bucket: str) -> None:
    """versionId=null reads and removes what a bucket without versions holds."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    assert client.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"x"
    client.delete_object(Bucket=bucket, Key="k", VersionId="null")
    with refused("404", 404):
        client.head_object(Bucket=bucket, Key="k")


def test_no_other_version_is_there(client: S3Client, bucket: str) -> None:
    """What can't be a version id is an invalid argument."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("InvalidArgument", 400):
        client.get_object(Bucket=bucket, Key="k", VersionId="nonsense!")


def test_a_stream(client: S3Client, bucket: str) -> None:
    """An upload whose checksum comes behind it, in chunks, is stored without its framing."""
    client.put_object(Bucket=bucket, Key="k", Body=io.BytesIO(b"x" * 70_000))
    assert client.head_object(Bucket=bucket, Key="k")["ContentLength"] == 70_000


def test_response_overrides(client: S3Client, bucket: str) -> None:
    """response-* parameters replace what is kept, for this answer."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", ContentType="text/plain")
    answer = client.get_object(
        Bucket=bucket, Key="k", ResponseContentType="image/png", ResponseContentDisposition="attachment",
        ResponseCacheControl="no-cache",
    )  # fmt: skip
    assert answer["ContentType"] == "image/png"
    assert (answer["ContentDisposition"], answer["CacheControl"]) == ("attachment", "no-cache")
