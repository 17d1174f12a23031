"""A directory that is served as it is: bodies, and nothing beside them."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.errors import S3Error

WHERE = {"Bucket": "bucket", "Key": "k"}


@pytest.fixture
async def backend(root: Path) -> AsyncIterator[PosixBackend]:
    """A started backend with one empty bucket."""
    made = from_options({"path": str(root), "nometa": True, "fsync": False})
    await made.start()
    await made.call("CreateBucket", {"Bucket": "bucket"})
    yield made
    await made.close()


async def test_nothing_is_kept(backend: PosixBackend, root: Path) -> None:
    """A file has its bytes, no attributes, and no metadata when it is read."""
    await backend.call("PutObject", {**WHERE, "Body": b"x", "Metadata": {"m": "1"}, "ContentType": "text/x"})
    assert [name for name in os.listxattr(root / "bucket/k") if name.startswith("user.")] == []
    answer = await backend.call("HeadObject", WHERE)
    assert (answer["Metadata"], answer["ContentType"]) == ({}, "binary/octet-stream")


async def test_a_write_says_the_etag_that_reads_say(backend: PosixBackend) -> None:
    """So that conditions on it hold, until the object is written again."""
    put = await backend.call("PutObject", {**WHERE, "Body": b"x"})
    assert (await backend.call("HeadObject", WHERE))["ETag"] == put["ETag"]
    await backend.call("PutObject", {**WHERE, "Body": b"y", "IfMatch": put["ETag"]})
    with pytest.raises(S3Error, match="pre-conditions"):
        await backend.call("PutObject", {**WHERE, "Body": b"z", "IfMatch": put["ETag"]})


async def test_uploads_in_parts(backend: PosixBackend, root: Path) -> None:
    """Parts are told apart by their ETags; what was kept for that goes with the upload."""
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", WHERE))["UploadId"]}
    part = await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"part"})
    bad = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": '"0"'}]}}
    with pytest.raises(S3Error) as caught:
        await backend.call("CompleteMultipartUpload", {**upload, **bad})
    assert caught.value.code == "InvalidPart"
    parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}}
    answer = await backend.call("CompleteMultipartUpload", {**upload, **parts})
    assert (await backend.call("HeadObject", WHERE))["ETag"] == answer["ETag"]
    kept = [name for _, _, names in os.walk(root / ".sgwtmp") for name in names]
    assert set(kept) <= {"objname"}


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("PutObject", {**WHERE, "Tagging": "a=1"}),
        ("PutObject", {**WHERE, "ACL": "public-read"}),
        ("PutObjectTagging", {**WHERE, "Tagging": {"TagSet": []}}),
        ("PutBucketTagging", {"Bucket": "bucket", "Tagging": {"TagSet": [{"Key": "a", "Value": "1"}]}}),
        ("CreateMultipartUpload", {**WHERE, "Tagging": "a=1"}),
        ("CreateBucket", {"Bucket": "other", "ACL": "public-read"}),
    ],
)
async def test_what_would_be_counted_on(backend: PosixBackend, operation: str, arguments: dict[str, Any]) -> None:
    """Tags, ACLs and the like are refused, not forgotten."""
    with pytest.raises(S3Error, match="--nometa") as caught:
        await backend.call(operation, arguments)
    assert caught.value.code == "NotImplemented"
