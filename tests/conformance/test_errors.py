"""How refusals look in HTTP."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import pytest

from tests.conformance.raw import Raw

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def test_the_document(bucket: str, raw: Raw) -> None:
    """An error is XML with code, message and the ids that are in the headers too."""
    reply = raw("GET", f"/{bucket}/none")
    assert (reply.status, reply.headers["content-type"]) == (404, "application/xml")
    assert (reply.find("Code"), reply.find("Message")) == ("NoSuchKey", "The specified key does not exist.")
    assert reply.find("RequestId") == reply.headers["x-amz-request-id"]
    assert reply.find("HostId") == reply.headers["x-amz-id-2"]


def test_every_answer_has_its_own_id(bucket: str, raw: Raw) -> None:
    """Request ids don't repeat."""
    assert len({raw("HEAD", f"/{bucket}").headers["x-amz-request-id"] for _ in range(3)}) == 3


def test_head_has_no_body(bucket: str, raw: Raw) -> None:
    """An error of HEAD is its status alone."""
    reply = raw("HEAD", f"/{bucket}/none")
    assert (reply.status, reply.body) == (404, b"")


def test_unsigned(bucket: str, raw: Raw) -> None:
    """Who doesn't sign may do nothing."""
    reply = raw.unsigned("GET", f"/{bucket}")
    assert (reply.status, reply.find("Code")) == (403, "AccessDenied")


def test_no_length_at_all(bucket: str, raw: Raw) -> None:
    """An upload that says neither its length nor that it is chunked is 411."""
    connection = http.client.HTTPConnection(raw.server.url.removeprefix("http://"), timeout=60)
    connection.putrequest("PUT", f"/{bucket}/k")
    connection.endheaders()
    assert connection.getresponse().status in (403, 411)
    connection.close()


@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("DELETE", "/"), ("PATCH", "/{bucket}")])
def test_methods_that_do_not_exist(bucket: str, raw: Raw, method: str, path: str) -> None:
    """What S3 has no operation for is 405."""
    reply = raw(method, path.format(bucket=bucket))
    assert (reply.status, reply.find("Code")) == (405, "MethodNotAllowed")


def test_what_no_backend_has(client: S3Client, bucket: str, raw: Raw) -> None:
    """An operation that nobody implements says so."""
    reply = raw("GET", f"/{bucket}/k?torrent")
    assert (reply.status, reply.find("Code")) == (501, "NotImplemented")


@pytest.mark.parametrize(
    "header",
    [
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-server-side-encryption-customer-algorithm",
        "x-amz-write-offset-bytes",
    ],
)
def test_what_would_be_forgotten_is_refused(client: S3Client, bucket: str, raw: Raw, header: str) -> None:
    """What was to be encrypted is never stored in the clear, and what was to be appended replaces nothing."""
    client.put_object(Bucket=bucket, Key="k", Body=b"before")
    value = "6" if header.endswith("bytes") else "AES256"
    reply = raw("PUT", f"/{bucket}/k", b"secret", **{header.replace("-", "_"): value})
    assert (reply.status, reply.find("Code"), reply.find("Header")) == (501, "NotImplemented", header)
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"before"


def test_a_refused_upload_that_was_held_back_ends_the_connection(bucket: str, raw: Raw) -> None:
    """A client that waits for 100 Continue is told to begin anew, lest its next request be taken for a body."""
    reply = raw.unsigned("PUT", f"/{bucket}/k", b"", {"Expect": "100-continue", "Content-Length": "5"})
    assert (reply.status, reply.headers["connection"]) == (403, "close")


def test_a_connection_is_used_again(bucket: str, raw: Raw) -> None:
    """An error doesn't end the connection."""
    connection = http.client.HTTPConnection(raw.server.url.removeprefix("http://"), timeout=60)
    for _ in range(3):
        connection.request("GET", f"/{bucket}/none")
        response = connection.getresponse()
        assert response.status == 403
        response.read()
    connection.close()
