"""ETags as the options want them: of checksums, and of files that carry none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend, from_options

WHERE = {"Bucket": "bucket", "Key": "k"}


@pytest.fixture
async def backend(root: Path) -> AsyncIterator[PosixBackend]:
    """A backend whose ETags are made of checksums, with one empty bucket."""
    made = from_options(
        {"path": str(root), "fsync": False, "data_integrity_etag": True, "default_etag": '"none"'},
    )
    await made.start()
    await made.call("CreateBucket", {"Bucket": "bucket"})
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("arguments", "etag"),
    [
        ({}, '"CRC64NVME-M3eFcAZSQlc="'),
        ({"ChecksumAlgorithm": "CRC32"}, '"CRC32-NhCmhg=="'),
        ({"ContentMD5": "XUFAKrxLKna5cZ2REBfFkg=="}, '"CRC64NVME-M3eFcAZSQlc="'),
    ],
)
async def test_of_an_object(backend: PosixBackend, arguments: dict[str, str], etag: str) -> None:
    """The algorithm and the checksum, in every answer."""
    put = await backend.call("PutObject", {**WHERE, "Body": b"hello", **arguments})
    (row,) = (await backend.call("ListObjectsV2", {"Bucket": "bucket"}))["Contents"]
    assert {put["ETag"], row["ETag"], (await backend.call("HeadObject", WHERE))["ETag"]} == {etag}


@pytest.mark.parametrize(
    ("promise", "etag"),
    [
        ({}, '"CRC64NVME-M3eFcAZSQlc="'),
        ({"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}, '"CRC32-NhCmhg=="'),
        ({"ChecksumAlgorithm": "CRC32"}, '"CRC32-FKTmaw==-1"'),
    ],
)
async def test_of_parts(backend: PosixBackend, promise: dict[str, str], etag: str) -> None:
    """A part's is of CRC64NVME whatever the upload promises, the whole's of its checksum."""
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", {**WHERE, **promise}))["UploadId"]}
    summed = {"ChecksumCRC32": "NhCmhg=="} if promise else {}
    part = await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"hello", **summed})
    assert part["ETag"] == '"CRC64NVME-M3eFcAZSQlc="'
    row = {"PartNumber": 1, "ETag": part["ETag"], **summed}
    answer = await backend.call("CompleteMultipartUpload", {**upload, "MultipartUpload": {"Parts": [row]}})
    assert answer["ETag"] == etag


async def test_of_a_copy(backend: PosixBackend) -> None:
    """A copy with another checksum has its ETag."""
    await backend.call("PutObject", {**WHERE, "Body": b"hello"})
    copy = {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/k", "ChecksumAlgorithm": "CRC32"}
    assert (await backend.call("CopyObject", copy))["CopyObjectResult"]["ETag"] == '"CRC32-NhCmhg=="'


async def test_of_a_file_without_one(backend: PosixBackend, root: Path) -> None:
    """The default, in listings too; conditions are judged by it."""
    (root / "bucket/k").write_bytes(b"bare")
    (row,) = (await backend.call("ListObjectsV2", {"Bucket": "bucket"}))["Contents"]
    assert {row["ETag"], (await backend.call("HeadObject", WHERE))["ETag"]} == {'"none"'}
    await backend.call("DeleteObject", {**WHERE, "IfMatch": '"none"'})
    assert not (root / "bucket/k").exists()
