"""How requests are addressed, written and configured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends import load
from colonnade.backends.s3.address import Address
from colonnade.backends.s3.answer import parse
from colonnade.backends.s3.meta import MetaBucket
from colonnade.backends.s3.request import build, in_region
from colonnade.config.files import load as load_file
from colonnade.config.options import S3, TIMEOUTS


@pytest.mark.parametrize(
    ("endpoint", "path_style", "host", "path"),
    [
        (None, False, "bucket.s3.eu-west-1.amazonaws.com", "/key"),
        ("https://s3.example.com", False, "bucket.s3.example.com", "/key"),
        ("https://s3.example.com:443", True, "s3.example.com", "/bucket/key"),
        ("http://127.0.0.1:9000", False, "127.0.0.1:9000", "/bucket/key"),
        ("http://minio:9000", False, "minio:9000", "/bucket/key"),
        ("http://[::1]:9000/", False, "[::1]:9000", "/bucket/key"),
        ("https://1.r2.cloudflarestorage.com/bucket", True, "1.r2.cloudflarestorage.com", "/bucket/key"),
        ("https://1.r2.cloudflarestorage.com/bucket", False, "bucket.1.r2.cloudflarestorage.com", "/key"),
        ("https://p.example.com/storage/v1/s3", False, "p.example.com", "/storage/v1/s3/bucket/key"),
        ("https://nas.example.com/s3/", False, "nas.example.com", "/s3/bucket/key"),
    ],
)
def test_address(endpoint: str | None, path_style: bool, host: str, path: str) -> None:
    """The bucket stands in the host or in the path, once."""
    assert Address(endpoint, "eu-west-1", path_style).place("/bucket/key") == (host, path)


@pytest.mark.parametrize(
    ("region", "given", "sent"),
    [
        ("us-east-1", {"LocationConstraint": "eu-west-1"}, None),
        ("eu-west-1", None, {"LocationConstraint": "eu-west-1"}),
        ("eu-west-1", {"LocationConstraint": "us-west-2"}, {"LocationConstraint": "eu-west-1"}),
    ],
)
def test_buckets_are_made_where_aws_is(region: str, given: Any, sent: Any) -> None:
    """AWS makes a bucket in the region it is asked in, and wants that said but for us-east-1."""
    made = in_region({"Bucket": "bucket", "CreateBucketConfiguration": given}, region)
    assert made["CreateBucketConfiguration"] == sent


async def test_encryption_is_the_services() -> None:
    """What a client asks of the service's encryption is passed on as it came."""
    asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key", "BucketKeyEnabled": True, "WriteOffsetBytes": 5}
    request = await build("PutObject", {"Bucket": "bucket", "Key": "key", "Body": b"", **asked})
    sent = {name: value for name, value in request.headers.items() if "encryption" in name or "offset" in name}
    assert sent == {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "key",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
        "x-amz-write-offset-bytes": "5",
    }


async def test_a_copy_source_is_encoded() -> None:
    """A dict becomes the header, percent-encoded."""
    source = {"Bucket": "b", "Key": "a b/ü", "VersionId": "v"}
    request = await build("CopyObject", {"Bucket": "bucket", "Key": "key", "CopySource": source})
    assert request.headers["x-amz-copy-source"] == "b/a%20b/%C3%BC?versionId=v"


async def test_a_digest_goes_with_deletes() -> None:
    """S3 takes DeleteObjects only with a digest of its body."""
    request = await build("DeleteObjects", {"Bucket": "bucket", "Delete": {"Objects": [{"Key": "a\rb"}]}})
    assert b"a&#xD;b" in request.body
    assert "content-md5" in request.headers


def test_listings_are_decoded() -> None:
    """Keys that were sent percent-encoded come out as they are."""
    page = b"<R><EncodingType>url</EncodingType><Contents><Key>a+b%2Bc%01</Key></Contents></R>"
    assert parse("ListObjectsV2", {}, page)["Contents"] == [{"Key": "a b+c\x01"}]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"end": "x"}, "no option 'end'; it has: access, anonymous_credentials"),
        ({"access": "a"}, "give both or neither"),
        ({"access": "a", "secret": "s", "anonymous_credentials": True}, "not together"),
        ({"endpoint": "ftp://x"}, "is no address"),
        ({"use_path_style": "yes"}, "true or false"),
        ({"answer_timeout": 0}, "must be a number of seconds"),
    ],
)
def test_wrong_options(options: dict[str, Any], says: str) -> None:
    """A mistake is named with what is allowed."""
    with pytest.raises(ValueError, match=says):
        load("s3", options)


def test_in_a_file(tmp_path: Path) -> None:
    """All flags of the command are keys of a backend with ``type = "s3"``."""
    samples = {"endpoint": "http://127.0.0.1:1", "anonymous-credentials": True, "ca-file": str(tmp_path / "c.toml")}
    given = {flag.name: samples.get(flag.name, flag.default) for flag in S3} | {"meta-bucket": "meta"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in given.items() if value is not None]
    (tmp_path / "c.toml").write_text("\n".join(['[[backends]]\ntype = "s3"', *lines]))
    backend = load_file(str(tmp_path / "c.toml"), {}).backends[0]
    timeouts = {flag.key for flag in TIMEOUTS}  # which every entry has, whatever its type
    assert set(backend.options) == {flag.key for flag in S3} - {"access", "secret"} - timeouts
    assert [getattr(backend, flag.key) for flag in TIMEOUTS] == [flag.default for flag in TIMEOUTS]
    assert isinstance(load("s3", backend.options), MetaBucket)
