"""Checksums in headers and trailers, all ten of them."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from colonnade.rules.checksums import ALGORITHMS
from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

DATA = b"123456789"


def summed(name: str, data: bytes = DATA) -> str:
    """A checksum in base64."""
    hasher = ALGORITHMS[name].new()
    hasher.update(data)
    return base64.b64encode(hasher.digest()).decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [("CRC32", "y/Q5Jg=="), ("CRC32C", "4waSgw=="), ("CRC64NVME", "rosUhgp5mIg=")],
)
def test_the_catalogue_s_check_values(client: S3Client, bucket: str, name: str, value: str) -> None:
    """The CRCs are those of the catalogue of CRC algorithms."""
    argument: Any = {f"Checksum{name}": value}
    client.put_object(Bucket=bucket, Key="k", Body=DATA, **argument)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_in_a_header(bucket: str, raw: Raw, name: str) -> None:
    """A right checksum is kept and comes back when asked for."""
    header = ALGORITHMS[name].header
    assert raw("PUT", f"/{bucket}/k", DATA, **{header: summed(name)}).headers[header] == summed(name)
    reply = raw("GET", f"/{bucket}/k", x_amz_checksum_mode="ENABLED")
    assert reply.headers[header] == summed(name)
    assert reply.headers["x-amz-checksum-type"] == "FULL_OBJECT"


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_wrong_one(bucket: str, raw: Raw, name: str) -> None:
    """A checksum of something else is BadDigest, and nothing is stored."""
    reply = raw("PUT", f"/{bucket}/k", DATA, **{ALGORITHMS[name].header: summed(name, b"other")})
    assert (reply.status, reply.find("Code")) == (400, "BadDigest")
    assert reply.find("Message") == f"The {name} you specified did not match the calculated checksum."
    assert raw("HEAD", f"/{bucket}/k").status == 404


def trailing(raw: Raw, bucket: str, name: str, value: str) -> int:
    """Upload with an unsigned trailer; the status."""
    header = ALGORITHMS[name].header
    body = b"%x\r\n%s\r\n0\r\n%s:%s\r\n\r\n" % (len(DATA), DATA, header.encode(), value.encode())
    return raw(
        "PUT", f"/{bucket}/k", body, content_encoding="aws-chunked", x_amz_trailer=header,
        x_amz_decoded_content_length=str(len(DATA)), x_amz_content_sha256="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    ).status  # fmt: skip


@pytest.mark.parametrize("name", ALGORITHMS)
def test_in_a_trailer(bucket: str, raw: Raw, name: str) -> None:
    """A checksum behind the body counts as one in front of it."""
    assert trailing(raw, bucket, name, summed(name)) == 200
    reply = raw("GET", f"/{bucket}/k", x_amz_checksum_mode="ENABLED")
    assert (reply.body, reply.headers[ALGORITHMS[name].header]) == (DATA, summed(name))


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_wrong_trailer(bucket: str, raw: Raw, name: str) -> None:
    """A trailing checksum of something else stores nothing."""
    assert trailing(raw, bucket, name, summed(name, b"other")) == 400
    assert raw("HEAD", f"/{bucket}/k").status == 404


def test_the_default_is_crc64nvme(bucket: str, raw: Raw) -> None:
    """An object that came without a checksum gets one."""
    raw("PUT", f"/{bucket}/k", DATA)
    reply = raw("HEAD", f"/{bucket}/k", x_amz_checksum_mode="ENABLED")
    assert reply.headers["x-amz-checksum-crc64nvme"] == "rosUhgp5mIg="


def test_only_when_asked(client: S3Client, bucket: str, raw: Raw) -> None:
    """Without ChecksumMode there is no checksum in the answer."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA)
    assert not [name for name in raw("GET", f"/{bucket}/k").headers if name.startswith("x-amz-checksum")]


def test_a_range_has_none(bucket: str, raw: Raw) -> None:
    """The whole's checksum isn't that of a piece."""
    raw("PUT", f"/{bucket}/k", DATA)
    reply = raw("GET", f"/{bucket}/k", Range="bytes=0-3", x_amz_checksum_mode="ENABLED")
    assert not [name for name in reply.headers if name.startswith("x-amz-checksum")]


@pytest.mark.parametrize("value", ["nonsense!", "AAAA", ""])
def test_what_is_no_checksum(bucket: str, raw: Raw, value: str) -> None:
    """It must be base64 of the right length."""
    reply = raw("PUT", f"/{bucket}/k", DATA, x_amz_checksum_crc32=value)
    assert (reply.status, reply.find("Code")) == (400, "InvalidRequest")
    assert reply.find("Message") == "Value for x-amz-checksum-crc32 header is invalid."


def test_two_at_once(bucket: str, raw: Raw) -> None:
    """S3 takes a single checksum."""
    reply = raw("PUT", f"/{bucket}/k", DATA, x_amz_checksum_crc32=summed("CRC32"), x_amz_checksum_sha1=summed("SHA1"))
    assert (reply.status, reply.find("Code")) == (400, "InvalidRequest")


def test_announced_but_not_there(bucket: str, raw: Raw) -> None:
    """Naming an algorithm without a checksum is refused."""
    reply = raw("PUT", f"/{bucket}/k", DATA, x_amz_sdk_checksum_algorithm="CRC32")
    assert (reply.status, reply.find("Code")) == (400, "InvalidRequest")


def test_content_md5(bucket: str, raw: Raw) -> None:
    """Content-MD5 is compared: right, wrong, and none at all."""
    right = base64.b64encode(hashlib.md5(DATA).digest()).decode()
    assert raw("PUT", f"/{bucket}/k", DATA, Content_MD5=right).status == 200
    wrong = raw("PUT", f"/{bucket}/k", b"other", Content_MD5=right)
    assert (wrong.status, wrong.find("Code")) == (400, "BadDigest")
    none = raw("PUT", f"/{bucket}/k", DATA, Content_MD5="nonsense")
    assert (none.status, none.find("Code")) == (400, "InvalidDigest")


def test_listings_name_the_algorithm(client: S3Client, bucket: str) -> None:
    """Which checksum an object has is seen in listings."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA, ChecksumAlgorithm="SHA256")
    row = client.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert (row["ChecksumAlgorithm"], row["ChecksumType"]) == (["SHA256"], "FULL_OBJECT")


def test_boto3_checks_what_it_reads(client: S3Client, bucket: str) -> None:
    """An SDK that verifies on its own is content."""
    client.put_object(Bucket=bucket, Key="k", Body=DATA, ChecksumAlgorithm="CRC32C")
    assert client.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")["Body"].read() == DATA


def test_multipart_composite(client: S3Client, bucket: str) -> None:
    """A composite checksum is one of the parts' checksums, and says how many."""
    upload = client.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")
    where: Any = {"Bucket": bucket, "Key": "k", "UploadId": upload["UploadId"]}
    part = client.upload_part(**where, PartNumber=1, Body=DATA, ChecksumAlgorithm="SHA256")
    rows: Any = [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}]
    done = client.complete_multipart_upload(**where, MultipartUpload={"Parts": rows})
    whole = base64.b64encode(hashlib.sha256(hashlib.sha256(DATA).digest()).digest()).decode()
    assert (done["ChecksumSHA256"], done["ChecksumType"]) == (f"{whole}-1", "COMPOSITE")


def test_multipart_full_object(client: S3Client, bucket: str) -> None:
    """A full-object checksum is that of the joined bytes."""
    upload = client.create_multipart_upload(
        Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )
    where: Any = {"Bucket": bucket, "Key": "k", "UploadId": upload["UploadId"]}
    first, second = b"a" * 5 * 1024 * 1024, DATA
    rows: Any = [
        {"PartNumber": number, "ETag": client.upload_part(**where, PartNumber=number, Body=data)["ETag"]}
        for number, data in ((1, first), (2, second))
    ]
    done = client.complete_multipart_upload(**where, MultipartUpload={"Parts": rows})
    assert (done["ChecksumCRC32"], done["ChecksumType"]) == (summed("CRC32", first + second), "FULL_OBJECT")


def test_composite_crc64nvme_does_not_exist(client: S3Client, bucket: str) -> None:
    """S3 has it for full objects only."""
    with refused("InvalidRequest", 400):
        client.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="CRC64NVME", ChecksumType="COMPOSITE")
