"""Objects that came in parts: read part by part, their checksums combined, their parts listed."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

import pytest
from awscrt import checksums as crt

from tests.conformance.raw import refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MIB5 = 5 * 1024 * 1024
PIECES = (b"a" * (MIB5 + 1), b"end")
WHOLE = b"".join(PIECES)

_DIGESTS: dict[str, Any] = {
    "CRC32": lambda data: crt.crc32(data).to_bytes(4, "big"),
    "CRC32C": lambda data: crt.crc32c(data).to_bytes(4, "big"),
    "CRC64NVME": lambda data: crt.crc64nvme(data).to_bytes(8, "big"),
    "SHA1": lambda data: hashlib.sha1(data).digest(),
    "SHA256": lambda data: hashlib.sha256(data).digest(),
}


def summed(algorithm: str, data: bytes) -> str:
    """A checksum as S3 writes it."""
    return base64.b64encode(_DIGESTS[algorithm](data)).decode()


def composite(algorithm: str) -> str:
    """The checksum of the pieces' checksums."""
    digests = b"".join(_DIGESTS[algorithm](piece) for piece in PIECES)
    return f"{summed(algorithm, digests)}-{len(PIECES)}"


def upload(client: S3Client, bucket: str, **more: Any) -> tuple[dict[str, Any], Any]:
    """An upload of the pieces, and its rows for CompleteMultipartUpload."""
    begun = client.create_multipart_upload(Bucket=bucket, Key="k", **more)
    where: Any = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
    named: Any = {"ChecksumAlgorithm": more["ChecksumAlgorithm"]} if "ChecksumAlgorithm" in more else {}
    rows = []
    for number, piece in enumerate(PIECES, 1):
        part = client.upload_part(**where, **named, PartNumber=number, Body=piece)
        sums = {name: value for name, value in part.items() if name.startswith("Checksum") and name != "ChecksumType"}
        rows.append({"PartNumber": number, "ETag": part["ETag"], **sums})
    return where, rows


def join(client: S3Client, bucket: str, **more: Any) -> Any:
    """The object of the pieces."""
    where, rows = upload(client, bucket, **more)
    return client.complete_multipart_upload(**where, MultipartUpload={"Parts": rows})


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [
        ("CRC32", "COMPOSITE"),
        ("CRC32", "FULL_OBJECT"),
        ("CRC32C", "COMPOSITE"),
        ("CRC32C", "FULL_OBJECT"),
        ("CRC64NVME", "FULL_OBJECT"),
        ("SHA1", "COMPOSITE"),
        ("SHA256", "COMPOSITE"),
    ],
)
def test_parts_and_their_checksums(client: S3Client, bucket: str, algorithm: Any, kind: Any) -> None:
    """The whole's is combined of the parts', and each part can be read with its own, and listed with it."""
    done = join(client, bucket, ChecksumAlgorithm=algorithm, ChecksumType=kind)
    name: Any = f"Checksum{algorithm}"
    whole = composite(algorithm) if kind == "COMPOSITE" else summed(algorithm, WHOLE)
    assert (done[name], done["ChecksumType"]) == (whole, kind)
    head: Any = client.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert (head[name], head["ChecksumType"]) == (whole, kind)
    told: Any = client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["Checksum", "ObjectParts"])
    assert told["Checksum"] == {name: whole, "ChecksumType": kind}
    values = [summed(algorithm, piece) for piece in PIECES]
    assert [part[name] for part in told["ObjectParts"]["Parts"]] == values
    second: Any = client.head_object(Bucket=bucket, Key="k", PartNumber=2, ChecksumMode="ENABLED")
    assert second[name] == values[1]


def test_parts_read_one_by_one(client: S3Client, bucket: str) -> None:
    """Each is 206 with its place and the number of all; beyond the last there is none."""
    etag = join(client, bucket)["ETag"]
    begins = 0
    for number, piece in enumerate(PIECES, 1):
        got = client.get_object(Bucket=bucket, Key="k", PartNumber=number, IfMatch=etag)
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert got["ContentRange"] == f"bytes {begins}-{begins + len(piece) - 1}/{len(WHOLE)}"
        assert (got["ETag"], got["PartsCount"]) == (etag, len(PIECES))
        assert got["Body"].read() == piece
        begins += len(piece)
    with refused("InvalidPartNumber", 416):
        client.get_object(Bucket=bucket, Key="k", PartNumber=3)
    with refused("416", 416):
        client.head_object(Bucket=bucket, Key="k", PartNumber=3)


def test_parts_that_are_ranges(client: S3Client, bucket: str) -> None:
    """A range that is exactly a part has its checksum, any other has none."""
    join(client, bucket, ChecksumAlgorithm="CRC32C", ChecksumType="FULL_OBJECT")
    last = f"bytes={MIB5 + 1}-"
    got = client.get_object(Bucket=bucket, Key="k", Range=last, ChecksumMode="ENABLED")
    assert (got["ChecksumCRC32C"], got["Body"].read()) == (summed("CRC32C", PIECES[1]), PIECES[1])
    other = client.head_object(Bucket=bucket, Key="k", Range=last + str(MIB5 + 2), ChecksumMode="ENABLED")
    assert "ChecksumCRC32C" not in other


def test_parts_page_by_page(client: S3Client, bucket: str) -> None:
    """GetObjectAttributes gives them from a marker on, as many as asked for, and says what comes next."""
    join(client, bucket)

    def page(**more: Any) -> Any:
        asked: Any = {"Bucket": bucket, "Key": "k", "ObjectAttributes": ["ObjectParts"], **more}
        return client.get_object_attributes(**asked)["ObjectParts"]

    first, second = page(MaxParts=1), page(MaxParts=1, PartNumberMarker=1)
    assert [part["Size"] for part in first["Parts"]] == [len(PIECES[0])]
    assert (first["IsTruncated"], first["NextPartNumberMarker"], first["TotalPartsCount"]) == (True, 1, 2)
    assert [part["PartNumber"] for part in second["Parts"]] == [2]
    assert (second["IsTruncated"], second["PartNumberMarker"], second["MaxParts"]) == (False, 1, 1)
    assert "Parts" not in page(PartNumberMarker=2)


def test_parts_and_a_wrong_sum_of_the_whole(client: S3Client, bucket: str) -> None:
    """What the client says of the whole is compared; a right one lets the same upload be completed."""
    where, rows = upload(client, bucket, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    complete: Any = {**where, "MultipartUpload": {"Parts": rows}, "ChecksumType": "FULL_OBJECT"}
    with refused("BadDigest", 400):
        client.complete_multipart_upload(**complete, ChecksumCRC32=summed("CRC32", b"other"))
    client.complete_multipart_upload(**complete, ChecksumCRC32=summed("CRC32", WHOLE))


def test_parts_with_sums_that_are_not_theirs(client: S3Client, bucket: str) -> None:
    """A part's checksum in the list is compared too, and with a composite one it must be there."""
    where, rows = upload(client, bucket, ChecksumAlgorithm="SHA256")
    wrong: Any = [rows[0], rows[1] | {"ChecksumSHA256": summed("SHA256", b"other")}]
    with refused("InvalidPart", 400):
        client.complete_multipart_upload(**where, MultipartUpload={"Parts": wrong})
    bare: Any = [{"PartNumber": row["PartNumber"], "ETag": row["ETag"]} for row in rows]
    with refused("InvalidRequest", 400):
        client.complete_multipart_upload(**where, MultipartUpload={"Parts": bare})
    assert len(client.list_parts(**where)["Parts"]) == 2


def test_parts_of_another_algorithm(client: S3Client, bucket: str) -> None:
    """What the upload was begun with counts for each part."""
    begun = client.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA1")
    with refused("InvalidRequest", 400):
        client.upload_part(
            Bucket=bucket, Key="k", UploadId=begun["UploadId"], PartNumber=1, Body=b"x", ChecksumAlgorithm="CRC32"
        )
