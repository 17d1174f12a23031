"""Presigned URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.conformance.raw import Raw, Reply

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def presigned(client: S3Client, raw: Raw, method: str, bucket: str, key: str, body: bytes = b"") -> Reply:
    """Use a URL as somebody would who has no keys."""
    url = client.generate_presigned_url(method, Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)
    verb = {"get_object": "GET", "put_object": "PUT", "head_object": "HEAD", "delete_object": "DELETE"}[method]
    return raw.unsigned(verb, url.removeprefix(raw.server.url), body)


def test_get(client: S3Client, bucket: str, raw: Raw) -> None:
    """Who has the URL can read, odd names and all."""
    client.put_object(Bucket=bucket, Key="a b+ü", Body=b"data")
    assert presigned(client, raw, "get_object", bucket, "a b+ü").body == b"data"


def test_put(client: S3Client, bucket: str, raw: Raw) -> None:
    """Who has the URL can write any body."""
    assert presigned(client, raw, "put_object", bucket, "k", b"data").status == 200
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"data"


def test_head_and_delete(client: S3Client, bucket: str, raw: Raw) -> None:
    """The other methods work alike."""
    client.put_object(Bucket=bucket, Key="k", Body=b"data")
    assert presigned(client, raw, "head_object", bucket, "k").headers["content-length"] == "4"
    assert presigned(client, raw, "delete_object", bucket, "k").status == 204


def test_for_another_key(client: S3Client, bucket: str, raw: Raw) -> None:
    """A URL is good for what it names."""
    url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    reply = raw.unsigned("GET", url.removeprefix(raw.server.url).replace("/k?", "/other?"))
    assert (reply.status, reply.find("Code")) == (403, "SignatureDoesNotMatch")


def test_for_another_method(client: S3Client, bucket: str, raw: Raw) -> None:
    """A URL for reading doesn't write."""
    url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    assert raw.unsigned("PUT", url.removeprefix(raw.server.url), b"x").status == 403


def test_response_overrides(client: S3Client, bucket: str, raw: Raw) -> None:
    """A URL can say under which name a browser saves the object."""
    client.put_object(Bucket=bucket, Key="k", Body=b"data")
    url = client.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "k", "ResponseContentDisposition": "attachment"}
    )
    assert raw.unsigned("GET", url.removeprefix(raw.server.url)).headers["content-disposition"] == "attachment"
