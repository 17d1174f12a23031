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


async def test_no_byte_is_read(backend: PosixBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for the body nor for its checksum."""
    _, complete = await begin(backend)

    def read(*_: Any) -> NoReturn:
        raise AssertionError("a body was read")

    for name in ("read", "pread", "preadv", "readv"):
        monkeypatch.setattr(os, name, read)
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
