"""Conditional reads and copies."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PAST, FUTURE = datetime(2001, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
GOOD, BAD = '"8d777f385d3dfec8815d20f7496026dc"', '"00000000000000000000000000000000"'


@pytest.fixture(autouse=True)
def _object(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="k", Body=b"data")


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"IfMatch": GOOD}, 200),
        ({"IfMatch": GOOD.strip('"')}, 200),
        ({"IfMatch": "*"}, 200),
        ({"IfMatch": f"{BAD}, {GOOD}"}, 200),
        ({"IfMatch": BAD}, 412),
        ({"IfNoneMatch": BAD}, 200),
        ({"IfNoneMatch": GOOD}, 304),
        ({"IfNoneMatch": f"W/{GOOD}"}, 304),
        ({"IfNoneMatch": "*"}, 304),
        ({"IfModifiedSince": PAST}, 200),
        ({"IfUnmodifiedSince": FUTURE}, 200),
        ({"IfUnmodifiedSince": PAST}, 412),
        ({"IfMatch": GOOD, "IfUnmodifiedSince": PAST}, 200),
        ({"IfNoneMatch": GOOD, "IfModifiedSince": PAST}, 304),
        ({"IfMatch": BAD, "IfNoneMatch": GOOD}, 412),
        ({"IfMatch": GOOD, "IfNoneMatch": GOOD}, 304),
    ],
)
@pytest.mark.parametrize("method", ["get_object", "head_object"])
def test_reading(client: S3Client, bucket: str, method: str, conditions: dict[str, Any], status: int) -> None:
    """The conditions count in S3's precedence."""
    read = getattr(client, method)
    if status == 200:
        assert read(Bucket=bucket, Key="k", **conditions)["ETag"] == GOOD
        return
    code = "PreconditionFailed" if status == 412 and method == "get_object" else str(status)
    with refused(code, status):
        read(Bucket=bucket, Key="k", **conditions)


def test_since_its_own_date_it_is_not_modified(client: S3Client, bucket: str) -> None:
    """If-Modified-Since with the Last-Modified that S3 said is 304."""
    date = client.head_object(Bucket=bucket, Key="k")["LastModified"]
    with refused("304", 304):
        client.get_object(Bucket=bucket, Key="k", IfModifiedSince=date)


def test_304_has_the_etag_and_no_body(bucket: str, raw: Raw) -> None:
    """Caches need both headers to keep what they have."""
    reply = raw("GET", f"/{bucket}/k", If_None_Match=GOOD)
    assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", GOOD)
    assert "last-modified" in reply.headers


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_304_says_what_caches_are_told(client: S3Client, bucket: str, raw: Raw, method: str) -> None:
    """How long what they have may be kept, as it was said with the object itself."""
    said = {"CacheControl": "max-age=60", "Expires": "Thu, 01 Dec 2044 16:00:00 GMT", "ContentType": "text/plain"}
    client.put_object(Bucket=bucket, Key="kept", Body=b"data", **said)  # type: ignore[arg-type]
    etag = raw("HEAD", f"/{bucket}/kept").headers["etag"]
    reply = raw(method, f"/{bucket}/kept", If_None_Match=etag)
    assert (reply.status, reply.headers["cache-control"], reply.headers["expires"]) == (
        304,
        said["CacheControl"],
        said["Expires"],
    )
    assert "content-type" not in reply.headers
    query = "response-cache-control=no-store&response-content-type=text%2Fcss"
    reply = raw(method, f"/{bucket}/kept?{query}", If_None_Match=etag)
    assert (reply.status, reply.headers["cache-control"]) == (304, "no-store")
    assert "content-type" not in reply.headers


def test_412_names_the_condition(client: S3Client, bucket: str) -> None:
    """The error says which header failed."""
    with refused("PreconditionFailed", 412) as fields:
        client.get_object(Bucket=bucket, Key="k", IfMatch=BAD)
    assert fields["Condition"] == "If-Match"


def test_a_bad_date_is_ignored(bucket: str, raw: Raw) -> None:
    """A condition that is no date is none."""
    assert raw("GET", f"/{bucket}/k", If_Modified_Since="yesterday").status == 200


@pytest.mark.parametrize(
    ("conditions", "copies"),
    [
        ({"CopySourceIfMatch": GOOD}, True),
        ({"CopySourceIfMatch": BAD}, False),
        ({"CopySourceIfNoneMatch": BAD}, True),
        ({"CopySourceIfNoneMatch": GOOD}, False),
        ({"CopySourceIfModifiedSince": PAST}, True),
        ({"CopySourceIfUnmodifiedSince": PAST}, False),
        ({"CopySourceIfMatch": GOOD, "CopySourceIfUnmodifiedSince": PAST}, True),
        ({"CopySourceIfNoneMatch": GOOD, "CopySourceIfModifiedSince": PAST}, False),
    ],
)
def test_copying(client: S3Client, bucket: str, conditions: dict[str, Any], copies: bool) -> None:
    """Conditions on the source are 412 when they fail, never 304."""
    source = {"Bucket": bucket, "Key": "k"}
    if copies:
        client.copy_object(Bucket=bucket, Key="copy", CopySource=source, **conditions)  # type: ignore[arg-type]
        return
    with refused("PreconditionFailed", 412):
        client.copy_object(Bucket=bucket, Key="copy", CopySource=source, **conditions)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("conditions", "copies"),
    [
        ({"CopySourceIfMatch": GOOD, "CopySourceIfUnmodifiedSince": PAST}, True),
        ({"CopySourceIfNoneMatch": BAD}, True),
        ({"CopySourceIfMatch": BAD}, False),
        ({"CopySourceIfNoneMatch": GOOD, "CopySourceIfModifiedSince": PAST}, False),
        ({"CopySourceIfUnmodifiedSince": PAST}, False),
        ({"CopySourceIfModifiedSince": PAST}, True),
    ],
)
def test_copying_a_part(client: S3Client, bucket: str, conditions: dict[str, Any], copies: bool) -> None:
    """UploadPartCopy judges its source as CopyObject does."""
    upload = client.create_multipart_upload(Bucket=bucket, Key="new")["UploadId"]
    part: Any = {"Bucket": bucket, "Key": "new", "UploadId": upload, "PartNumber": 1, "CopySource": f"{bucket}/k"}
    if copies:
        assert client.upload_part_copy(**part, **conditions)["CopyPartResult"]["ETag"] == GOOD
        return
    with refused("PreconditionFailed", 412):
        client.upload_part_copy(**part, **conditions)
