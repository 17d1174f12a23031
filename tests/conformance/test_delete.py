"""Deleting one object and many."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def keys(client: S3Client, bucket: str) -> list[str]:
    """What is in a bucket."""
    return [row["Key"] for row in client.list_objects_v2(Bucket=bucket).get("Contents", [])]


def test_it_is_gone(client: S3Client, bucket: str) -> None:
    """DeleteObject is 204, and the key is neither read nor listed."""
    client.put_object(Bucket=bucket, Key="a/b", Body=b"x")
    assert client.delete_object(Bucket=bucket, Key="a/b")["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("404", 404):
        client.head_object(Bucket=bucket, Key="a/b")
    assert keys(client, bucket) == []


def test_nothing_can_be_deleted(client: S3Client, bucket: str) -> None:
    """A key that isn't there is deleted already."""
    assert client.delete_object(Bucket=bucket, Key="none")["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_neighbours_stay(client: S3Client, bucket: str) -> None:
    """Only the very key goes."""
    for key in ("a/b", "a/bc", "a/c/d", "dir/", "dir/x"):
        client.put_object(Bucket=bucket, Key=key)
    client.delete_object(Bucket=bucket, Key="a/b")
    client.delete_object(Bucket=bucket, Key="dir/")
    client.delete_object(Bucket=bucket, Key="a/c")
    assert keys(client, bucket) == ["a/bc", "a/c/d", "dir/x"]


def test_many(client: S3Client, bucket: str) -> None:
    """DeleteObjects says of every key that it is gone, also of one that never was."""
    for key in ("a", "b ü", "c"):
        client.put_object(Bucket=bucket, Key=key)
    wanted: Any = [{"Key": key} for key in ("a", "b ü", "none")]
    answer = client.delete_objects(Bucket=bucket, Delete={"Objects": wanted})
    assert [row["Key"] for row in answer["Deleted"]] == ["a", "b ü", "none"]
    assert keys(client, bucket) == ["c"]


def test_quietly(client: S3Client, bucket: str) -> None:
    """Quiet leaves out what went well."""
    client.put_object(Bucket=bucket, Key="a")
    answer: Any = client.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}], "Quiet": True})
    assert "Deleted" not in answer
    assert keys(client, bucket) == []


def test_more_than_a_thousand(client: S3Client, bucket: str) -> None:
    """1,000 keys a request is S3's limit."""
    wanted: Any = [{"Key": f"k{n}"} for n in range(1001)]
    with refused("MalformedXML", 400):
        client.delete_objects(Bucket=bucket, Delete={"Objects": wanted})


@pytest.mark.parametrize("body", [b"", b"nonsense", b"<Delete></Delete>", b"<!DOCTYPE x><Delete/>"])
def test_what_is_no_request(bucket: str, raw: Raw, body: bytes) -> None:
    """XML that S3 can't read is refused."""
    reply = raw("POST", f"/{bucket}?delete", body)
    assert reply.status == 400
    assert reply.find("Code") in ("MalformedXML", "MissingRequestBodyError", "InvalidRequest")


def test_in_a_missing_bucket(client: S3Client, new_bucket: str) -> None:
    """A bucket must be there, a key needn't."""
    with refused("NoSuchBucket", 404):
        client.delete_object(Bucket=new_bucket, Key="k")
    with refused("NoSuchBucket", 404):
        client.delete_objects(Bucket=new_bucket, Delete={"Objects": [{"Key": "k"}]})


@pytest.mark.parametrize("body", [b"<Key/>", b"<Key></Key><VersionId>null</VersionId>"])
def test_no_key_at_all(client: S3Client, bucket: str, raw: Raw, body: bytes) -> None:
    """Keys have at least one character: a request with one that is empty deletes nothing."""
    client.put_object(Bucket=bucket, Key="k")
    request = b"<Delete><Object><Key>k</Key></Object><Object>" + body + b"</Object></Delete>"
    md5 = base64.b64encode(hashlib.md5(request).digest()).decode()
    reply = raw("POST", f"/{bucket}?delete", request, content_md5=md5)
    assert (reply.status, reply.find("Code"), keys(client, bucket)) == (400, "MalformedXML", ["k"])
