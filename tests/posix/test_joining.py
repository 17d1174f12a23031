"""Completing an upload moves no byte through this program: the kernel joins the parts, their sums are combined."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest
from awscrt import checksums as crt

from colonnade.backends.posix import PosixBackend

MIB5 = 5 * 1024 * 1024
WHERE = {"Bucket": "bucket", "Key": "k"}
PIECES = (b"a" * MIB5, b"b" * MIB5, b"end")


async def begin(backend: PosixBackend, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """An upload of the pieces, and what completes it."""
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", {**WHERE, **more}))["UploadId"]}
    rows = []
    for number, piece in enumerate(PIECES, 1):
        part = await backend.call("UploadPart", {**upload, "PartNumber": number, "Body": piece})
        rows.append({"PartNumber": number, "ETag": part["ETag"]})
    return upload, {**upload, "MultipartUpload": {"Parts": rows}}


def unread(*_: Any) -> NoReturn:
    """In the place of what reads."""
    raise AssertionError("a body was read")


async def test_no_byte_is_read(backend: PosixBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for the body nor for its checksum."""
    _, complete = await begin(backend)

    for name in ("read", "pread", "preadv", "readv"):
        monkeypatch.setattr(os, name, unread)
    done = await backend.call("CompleteMultipartUpload", complete)
    monkeypatch.undo()
    whole = b"".join(PIECES)
    assert done["ChecksumCRC64NVME"] == base64.b64encode(crt.crc64nvme(whole).to_bytes(8, "big")).decode()
    assert await (await backend.call("GetObject", WHERE))["Body"].read() == whole


async def test_sums_are_those_of_the_uploads(backend: PosixBackend, root: Path) -> None:
    """A part that rots on disk before it is joined is found by the checksum, which is not made anew of it."""
    upload, complete = await begin(backend, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    (part,) = root.glob(f"bucket/.sgwtmp/multipart/*/{upload['UploadId']}/2")
    with part.open("r+b") as file:
        file.write(b"rotten")
    done = await backend.call("CompleteMultipartUpload", complete)
    assert done["ChecksumCRC32"] == base64.b64encode(crt.crc32(b"".join(PIECES)).to_bytes(4, "big")).decode()
    body = await (await backend.call("GetObject", WHERE))["Body"].read()
    assert base64.b64encode(crt.crc32(body).to_bytes(4, "big")).decode() != done["ChecksumCRC32"]


async def test_no_byte_of_a_copy_is_read(backend: PosixBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole objects are copied by the kernel, with the ETag and checksum that they had."""
    put = await backend.call("PutObject", {**WHERE, "Body": bytes(MIB5)})
    for name in ("read", "pread", "preadv", "readv"):
        monkeypatch.setattr(os, name, unread)
    copy = await backend.call("CopyObject", {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/k"})
    monkeypatch.undo()
    result = copy["CopyObjectResult"]
    assert (result["ETag"], result["ChecksumCRC64NVME"]) == (put["ETag"], put["ChecksumCRC64NVME"])
    assert await (await backend.call("GetObject", {**WHERE, "Key": "copy"}))["Body"].read() == bytes(MIB5)


async def test_a_copy_onto_itself_is_new(backend: PosixBackend, root: Path) -> None:
    """Its Last-Modified is that of the copy."""
    await backend.call("PutObject", {**WHERE, "Body": b"x"})
    os.utime(root / "bucket/k", (1_000_000_000,) * 2)
    assert (await backend.call("HeadObject", WHERE))["LastModified"].year == 2001
    await backend.call("CopyObject", {**WHERE, "CopySource": "bucket/k", "MetadataDirective": "REPLACE"})
    assert (await backend.call("HeadObject", WHERE))["LastModified"].year > 2001
