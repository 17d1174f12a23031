"""Ranges of an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

DATA = b"0123456789"


@pytest.mark.parametrize(
    ("header", "bytes_", "content_range"),
    [
        ("bytes=0-0", b"0", "bytes 0-0/10"),
        ("bytes=2-5", b"2345", "bytes 2-5/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=5-100", b"56789", "bytes 5-9/10"),
        ("bytes=-100", DATA, "bytes 0-9/10"),
    ],
)
def test_a_range(client: S3Client, bucket: str, header: str, bytes_: bytes, content_range: str) -> None:
    """A range is 206 and says which bytes it is."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    answer = client.get_object(Bucket=bucket, Key="k", Range=header)
    assert (answer["Body"].read(), answer["ContentRange"]) == (bytes_, content_range)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert answer["ContentLength"] == len(bytes_)


@pytest.mark.parametrize("header", ["bytes=a-b", "bytes=5-2", "lines=1-2", "bytes=0-1,3-4", "bytes=-", "bytes"])
def test_what_is_no_range_is_ignored(client: S3Client, bucket: str, header: str) -> None:
    """A header that makes no sense, or several ranges, get the whole object."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    answer = client.get_object(Bucket=bucket, Key="k", Range=header)
    assert answer["Body"].read() == DATA
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_beyond_the_end(client: S3Client, bucket: str, header: str) -> None:
    """A range without a byte in it is 416 and says how long the object is."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    with refused("InvalidRange", 416) as fields:
        client.get_object(Bucket=bucket, Key="k", Range=header)
    assert (fields["ActualObjectSize"], fields["RangeRequested"]) == ("10", header)


def test_an_empty_object_has_no_range(client: S3Client, bucket: str) -> None:
    """No byte of nothing can be had."""
    client.put_object(Bucket=bucket, Key="k")
    with refused("InvalidRange", 416):
        client.get_object(Bucket=bucket, Key="k", Range="bytes=0-")


def test_head_takes_a_range(client: S3Client, bucket: str) -> None:
    """HeadObject says how long the range is."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    answer = client.head_object(Bucket=bucket, Key="k", Range="bytes=2-5")
    assert (answer["ContentLength"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (4, 206)


def test_part_one_of_a_plain_object(client: S3Client, bucket: str) -> None:
    """An object that wasn't uploaded in parts is its own first part."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    answer = client.get_object(Bucket=bucket, Key="k", PartNumber=1)
    assert (answer["Body"].read(), answer["ContentRange"]) == (DATA, "bytes 0-9/10")


def test_part_two_of_a_plain_object(client: S3Client, bucket: str) -> None:
    """There is no second part."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    with refused("InvalidPartNumber", 416):
        client.get_object(Bucket=bucket, Key="k", PartNumber=2)


def test_part_and_range_together(client: S3Client, bucket: str, raw: Raw) -> None:
    """Only one of both can be asked for."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    reply = raw("GET", f"/{bucket}/k?partNumber=1", Range="bytes=0-1")
    assert (reply.status, reply.find("Code")) == (400, "InvalidRequest")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("held_to", "status", "beyond"),
    [
        ("{ETag}", 206, 416),
        ("{Date}", 206, 416),
        ("W/{ETag}", 200, 200),
        ('"another"', 200, 200),
        ("Wed, 31 Jan 2024 12:00:00 GMT", 200, 200),
        ("nonsense", 200, 200),
    ],
)
def test_a_range_of_one_version(
    client: S3Client, bucket: str, raw: Raw, method: str, held_to: str, status: int, beyond: int
) -> None:
    """If-Range: where the object is another by now all of it is sent, also where the range lies beyond its end."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    head = raw("HEAD", f"/{bucket}/k").headers
    validator = held_to.format(ETag=head["etag"], Date=head["last-modified"])
    reply = raw(method, f"/{bucket}/k", Range="bytes=2-5", If_Range=validator)
    whole = {"GET": DATA, "HEAD": b""}[method]
    assert (reply.status, reply.body) == (status, whole[2:6] if status == 206 else whole)
    reply = raw(method, f"/{bucket}/k", Range="bytes=90-", If_Range=validator)
    assert reply.status == beyond
    assert beyond == 416 or reply.body == whole
