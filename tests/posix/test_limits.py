"""The limits that flags set: part numbers and sizes of copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from colonnade.backends import load
from colonnade.errors import S3Error


async def test_part_numbers_end_where_told(tmp_path: Path) -> None:
    """With mp_max_parts 3 there is a part 3 and no part 4."""
    backend = load("posix", {"path": str(tmp_path), "fsync": False, "mp_max_parts": 3})
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    upload = await backend.call("CreateMultipartUpload", {"Bucket": "bucket", "Key": "k"})
    part = {"Bucket": "bucket", "Key": "k", "UploadId": upload["UploadId"], "Body": b"x"}
    await backend.call("UploadPart", {**part, "PartNumber": 3})
    with pytest.raises(S3Error, match="between 1 and 3"):
        await backend.call("UploadPart", {**part, "PartNumber": 4})
    await backend.close()


async def test_larger_sources_are_not_copied(tmp_path: Path) -> None:
    """With copy_object_threshold 3 an object of 3 bytes is copied and one of 4 is refused."""
    backend = load("posix", {"path": str(tmp_path), "fsync": False, "copy_object_threshold": 3})
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    for body in (b"123", b"1234"):
        await backend.call("PutObject", {"Bucket": "bucket", "Key": f"of-{len(body)}", "Body": body})
    await backend.call("CopyObject", {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/of-3"})
    with pytest.raises(S3Error, match="maximum allowable size for a copy source: 3"):
        await backend.call("CopyObject", {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/of-4"})
    await backend.close()
