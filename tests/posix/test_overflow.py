"""Attributes that the filesystem has no room for: kept beside, never lost, gone with their object."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend

TAGS = [{"Key": f"key{number}", "Value": "ü" * 250} for number in range(10)]
METADATA = {"much": "m" * 2000}
WHERE = {"Bucket": "bucket", "Key": "k"}


def beside(root: Path) -> list[str]:
    """The overflow files."""
    directory = root / "bucket/.sgwtmp/colonnade.overflow"
    return os.listdir(directory) if directory.exists() else []


async def fill(backend: PosixBackend) -> None:
    """An object with more attributes than ext4 has room for."""
    await backend.call("PutObject", {**WHERE, "Body": b"x", "Metadata": METADATA})
    await backend.call("PutObjectTagging", {**WHERE, "Tagging": {"TagSet": TAGS}})


async def test_all_of_it_comes_back(backend: PosixBackend) -> None:
    """Metadata and tags of 8 KiB are read as they were written."""
    await fill(backend)
    head = await backend.call("HeadObject", WHERE)
    tags = await backend.call("GetObjectTagging", WHERE)
    assert (head["Metadata"], tags["TagSet"]) == (METADATA, TAGS)


async def test_in_one_put(backend: PosixBackend) -> None:
    """Tags in the header of the upload are as good."""
    header = "&".join(f"key{number}={'v' * 250}" for number in range(10))
    await backend.call("PutObject", {**WHERE, "Body": b"x", "Metadata": METADATA, "Tagging": header})
    head = await backend.call("HeadObject", WHERE)
    assert (head["Metadata"], head["TagCount"], head["ETag"]) == (METADATA, 10, '"9dd4e461268c8034f5c8564e155c67a6"')


async def test_copies_have_their_own(backend: PosixBackend) -> None:
    """A copy keeps everything when its source is deleted."""
    await fill(backend)
    await backend.call("CopyObject", {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/k"})
    await backend.call("DeleteObject", WHERE)
    tags = await backend.call("GetObjectTagging", {"Bucket": "bucket", "Key": "copy"})
    assert tags["TagSet"] == TAGS


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("DeleteObject", {}),
        ("PutObject", {"Body": b"new"}),
        ("DeleteObjectTagging", {}),
        ("PutObjectTagging", {"Tagging": {"TagSet": TAGS[:1]}}),
    ],
)
async def test_goes_when_it_is_needed_no_more(
    backend: PosixBackend, root: Path, operation: str, arguments: dict[str, Any]
) -> None:
    """Deleting, overwriting and smaller tags leave no file behind."""
    await fill(backend)
    if len(beside(root)) != 1:
        pytest.skip("this filesystem has room for everything")
    await backend.call(operation, {**WHERE, **arguments})
    assert beside(root) == []


async def test_bucket_tags(backend: PosixBackend) -> None:
    """Fifty long tags on a bucket come back."""
    tags = [{"Key": f"key{number}", "Value": "v" * 256} for number in range(50)]
    await backend.call("PutBucketTagging", {"Bucket": "bucket", "Tagging": {"TagSet": tags}})
    assert (await backend.call("GetBucketTagging", {"Bucket": "bucket"}))["TagSet"] == tags
