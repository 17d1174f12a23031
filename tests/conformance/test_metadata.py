"""What is kept beside the bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ContentType", "text/plain; charset=utf-8"),
        ("ContentEncoding", "gzip"),
        ("ContentDisposition", 'attachment; filename="a b"'),
        ("ContentLanguage", "de, en"),
        ("CacheControl", "max-age=60"),
        ("WebsiteRedirectLocation", "/other"),
    ],
)
@pytest.mark.parametrize("method", ["get_object", "head_object"])
def test_system_properties(client: S3Client, bucket: str, method: str, name: str, value: str) -> None:
    """Each header that S3 keeps comes back."""
    more: Any = {name: value}
    client.put_object(Bucket=bucket, Key="k", Body=b"x", **more)
    assert getattr(client, method)(Bucket=bucket, Key="k")[name] == value


def test_expires_comes_back(client: S3Client, bucket: str, raw: Raw) -> None:
    """Expires is an HTTP date."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", Expires=datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert raw("HEAD", f"/{bucket}/k").headers["expires"] == "Wed, 02 Jan 2030 03:04:05 GMT"


def test_the_default_type(bucket: str, raw: Raw) -> None:
    """Without a Content-Type it is binary/octet-stream."""
    raw("PUT", f"/{bucket}/k", b"x")
    assert raw("HEAD", f"/{bucket}/k").headers["content-type"] == "binary/octet-stream"


def test_aws_chunked_is_not_kept(client: S3Client, bucket: str) -> None:
    """The framing of an upload is no encoding of the object."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", ContentEncoding="gzip", ChecksumAlgorithm="CRC32")
    assert client.head_object(Bucket=bucket, Key="k")["ContentEncoding"] == "gzip"


def test_user_metadata(client: S3Client, bucket: str) -> None:
    """Names come back in lower case, values as they were."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"Some-Name": "Some Value", "other": ""})
    assert client.head_object(Bucket=bucket, Key="k")["Metadata"] == {"some-name": "Some Value", "other": ""}


def test_two_kibibytes_of_metadata(client: S3Client, bucket: str) -> None:
    """Names and values together may have 2,048 bytes."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"name": "v" * 2044})
    with refused("MetadataTooLarge", 400):
        client.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"name": "v" * 2045})


def test_last_modified_is_now(client: S3Client, bucket: str) -> None:
    """Last-Modified is the time of the write, in whole seconds."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    moment = client.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert moment.microsecond == 0
    assert client.list_objects_v2(Bucket=bucket)["Contents"][0]["LastModified"] == moment
