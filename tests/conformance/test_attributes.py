"""GetObjectAttributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ALL: Any = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]


def test_all_of_a_plain_object(client: S3Client, bucket: str) -> None:
    """The ETag has no quotes here, and there are no parts."""
    client.put_object(Bucket=bucket, Key="k", Body=b"data", ChecksumAlgorithm="CRC32")
    answer = client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=ALL)
    assert answer["ETag"] == "8d777f385d3dfec8815d20f7496026dc"
    assert (answer["ObjectSize"], answer["StorageClass"]) == (4, "STANDARD")
    assert answer["Checksum"] == {"ChecksumCRC32": "rfPzYw==", "ChecksumType": "FULL_OBJECT"}
    assert "ObjectParts" not in answer


def test_only_what_is_asked_for(client: S3Client, bucket: str) -> None:
    """What isn't named isn't there."""
    client.put_object(Bucket=bucket, Key="k", Body=b"data")
    answer = client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ObjectSize"])
    assert answer["ObjectSize"] == 4
    assert not {"ETag", "Checksum", "StorageClass"} & set(answer)


def test_last_modified_is_a_header(client: S3Client, bucket: str) -> None:
    """It comes whatever is asked for."""
    client.put_object(Bucket=bucket, Key="k", Body=b"data")
    answer = client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag"])
    assert answer["LastModified"] == client.head_object(Bucket=bucket, Key="k")["LastModified"]


def test_parts(client: S3Client, bucket: str) -> None:
    """A multipart object shows its parts, with sizes and checksums."""
    upload = client.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="CRC32")
    where: Any = {"Bucket": bucket, "Key": "k", "UploadId": upload["UploadId"]}
    part = client.upload_part(**where, PartNumber=3, Body=b"data", ChecksumAlgorithm="CRC32")
    row: Any = {"PartNumber": 3, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}
    client.complete_multipart_upload(**where, MultipartUpload={"Parts": [row]})
    parts = client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=ALL)["ObjectParts"]
    assert parts["TotalPartsCount"] == 1
    assert parts["Parts"] == [{"PartNumber": 1, "Size": 4, "ChecksumCRC32": part["ChecksumCRC32"]}]


def test_unknown_ones(bucket: str, client: S3Client, raw: Raw) -> None:
    """A name S3 doesn't know is refused."""
    client.put_object(Bucket=bucket, Key="k", Body=b"data")
    assert raw("GET", f"/{bucket}/k?attributes", x_amz_object_attributes="Colour").status == 400


@pytest.mark.parametrize("headers", [{}, {"x_amz_object_attributes": ""}, {"x_amz_object_attributes": ","}])
def test_none(bucket: str, client: S3Client, raw: Raw, headers: Any) -> None:
    """A request that names none is an invalid one, its header missing or empty."""
    client.put_object(Bucket=bucket, Key="k", Body=b"data")
    reply = raw("GET", f"/{bucket}/k?attributes", **headers)
    assert (reply.status, reply.find("Code")) == (400, "InvalidRequest")
    assert (reply.find("Message") or "").startswith("The x-amz-object-attributes header")


def test_of_nothing(client: S3Client, bucket: str) -> None:
    """A missing key is NoSuchKey."""
    with refused("NoSuchKey", 404):
        client.get_object_attributes(Bucket=bucket, Key="none", ObjectAttributes=ALL)
