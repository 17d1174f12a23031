"""An upstream's refusals keep their meaning."""

from __future__ import annotations

import pytest

from colonnade.errors import S3Error
from tests.s3.test_faults import OBJECT, over
from tests.s3.upstream import Upstream, answer

DOCUMENT = b"<?xml version='1.0'?><Error><Code>%s</Code><Message>Said so</Message><Key>key</Key></Error>"


async def refusal(operation: str, status: str, *headers: str, body: bytes = b"") -> S3Error:
    """What an operation raises when the upstream answers so."""
    arguments = OBJECT if "Object" in operation else {"Bucket": "bucket"}
    async with Upstream([answer(status, *headers, body=body)]) as upstream, over(upstream.url) as s3:
        with pytest.raises(S3Error) as caught:
            await s3.call(operation, arguments)
    return caught.value


@pytest.mark.parametrize(
    ("operation", "status", "code"),
    [
        ("HeadObject", 404, "NoSuchKey"),
        ("HeadBucket", 404, "NoSuchBucket"),
        ("HeadObject", 403, "AccessDenied"),
        ("HeadObject", 412, "PreconditionFailed"),
        ("HeadObject", 416, "InvalidRange"),
        ("HeadBucket", 501, "NotImplemented"),
        ("GetBucketVersioning", 502, "ServiceUnavailable"),
    ],
)
async def test_without_a_document_the_status_decides(operation: str, status: int, code: str) -> None:
    """HEAD has no error document, and proxies write none of S3's."""
    error = await refusal(operation, f"{status} Refused")
    assert (error.code, error.status) == (code, status)


async def test_code_message_fields_and_id_are_kept() -> None:
    """The upstream's own words, and the id to ask its operator about."""
    error = await refusal("GetObject", "404 No", "x-amz-request-id: 17", body=DOCUMENT % b"NoSuchKey")
    assert (error.code, error.message, error.status) == ("NoSuchKey", "Said so", 404)
    assert error.fields == {"Key": "key", "UpstreamRequestId": "17"}


async def test_not_modified_says_of_what() -> None:
    """A 304 comes with ETag and date."""
    error = await refusal("HeadObject", "304 Same", 'ETag: "e"', "Last-Modified: Tue, 02 Jan 2024 03:04:05 GMT")
    assert (error.code, error.output["ETag"], error.output["LastModified"].year) == ("NotModified", '"e"', 2024)


async def test_a_delete_marker_is_said() -> None:
    """The headers beside a 404 come along."""
    error = await refusal("HeadObject", "404 No", "x-amz-delete-marker: true", "x-amz-version-id: v")
    assert error.output == {"DeleteMarker": True, "VersionId": "v"}


async def test_an_error_with_a_good_status() -> None:
    """Copies may fail after their head was sent."""
    async with Upstream([answer("200 OK", body=DOCUMENT % b"InternalError")]) as upstream, over(upstream.url) as s3:
        with pytest.raises(S3Error) as caught:
            await s3.call("CopyObject", {**OBJECT, "CopySource": {"Bucket": "b", "Key": "k"}})
    assert (caught.value.code, caught.value.status) == ("InternalError", 500)


async def test_a_listing_that_is_no_listing() -> None:
    """A page of somebody else's is no answer."""
    async with Upstream([answer("200 OK", body=b"<html><p>Log in")]) as upstream, over(upstream.url) as s3:
        with pytest.raises(S3Error, match="ServiceUnavailable"):
            await s3.call("ListObjectsV2", {"Bucket": "bucket"})
