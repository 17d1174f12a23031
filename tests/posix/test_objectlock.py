"""Locks on disk, and what holds them where no versions are kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend
from colonnade.errors import S3Error
from tests.posix.test_layout import attributes

UNTIL = datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)
WHERE = {"Bucket": "locked", "Key": "k"}
#: The digest is that of the body `x`.
RETAINED = {
    "ObjectLockMode": "COMPLIANCE",
    "ObjectLockRetainUntilDate": UNTIL,
    "ContentMD5": "ndTkYSaMgDT1yFZOFVxnpg==",
}


@pytest.fixture(autouse=True)
async def _bucket(backend: PosixBackend) -> None:
    await backend.call("CreateBucket", {"Bucket": "locked", "ObjectLockEnabledForBucket": True})


async def test_as_they_are_kept(backend: PosixBackend, root: Path) -> None:
    """JSON for retention, one raw byte for the hold."""
    await backend.call("PutObject", {**WHERE, "Body": b"x", "ObjectLockLegalHoldStatus": "ON", **RETAINED})
    found = attributes(root / "locked/k")
    assert found["object-retention"] == b'{"Mode":"COMPLIANCE","RetainUntilDate":"2099-01-02T03:04:05Z"}'
    assert found["object-legal-hold"] == b"\x01"


async def test_what_another_wrote(backend: PosixBackend, root: Path) -> None:
    """Nanoseconds, offsets and a leading XMLName are read."""
    await backend.call("PutObject", {**WHERE, "Body": b"x"})
    raw = (
        b'{"XMLName":{"Space":"","Local":"Retention"},"Mode":"GOVERNANCE",'
        b'"RetainUntilDate":"2099-01-02T05:04:05.123456789+02:00"}'
    )
    os.setxattr(root / "locked/k", "user.object-retention", raw)
    kept = (await backend.call("GetObjectRetention", WHERE))["Retention"]
    assert kept == {"Mode": "GOVERNANCE", "RetainUntilDate": UNTIL.replace(microsecond=123000)}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("PutObject", {"Body": b"new"}),
        ("CopyObject", {"CopySource": "locked/k", "MetadataDirective": "REPLACE"}),
        ("DeleteObject", {"BypassGovernanceRetention": True}),
        ("DeleteObject", {"VersionId": "null"}),
    ],
)
async def test_without_versions_a_locked_object_stays(
    backend: PosixBackend, root: Path, operation: str, arguments: dict[str, Any]
) -> None:
    """Nothing that would remove its bytes is carried out."""
    await backend.call("PutObject", {**WHERE, "Body": b"x", **RETAINED})
    with pytest.raises(S3Error, match="AccessDenied"):
        await backend.call(operation, {**WHERE, **arguments})
    assert (root / "locked/k").read_bytes() == b"x"


async def test_nor_does_an_upload_in_parts_replace_it(backend: PosixBackend, root: Path) -> None:
    """A completion is a write as any other; the upload stays."""
    await backend.call("PutObject", {**WHERE, "Body": b"x", **RETAINED})
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", WHERE))["UploadId"]}
    part = await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"new"})
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    with pytest.raises(S3Error, match="AccessDenied"):
        await backend.call("CompleteMultipartUpload", {**upload, "MultipartUpload": parts})
    assert (root / "locked/k").read_bytes() == b"x"
    assert len((await backend.call("ListParts", upload))["Parts"]) == 1


async def test_directories_are_locked_too(backend: PosixBackend) -> None:
    """A key that ends in a slash has attributes, and so a lock."""
    where = {"Bucket": "locked", "Key": "d/"}
    await backend.call("PutObject", where)
    await backend.call("PutObjectLegalHold", {**where, "LegalHold": {"Status": "ON"}})
    for operation in ("DeleteObject", "PutObject"):
        with pytest.raises(S3Error, match="AccessDenied"):
            await backend.call(operation, where)
