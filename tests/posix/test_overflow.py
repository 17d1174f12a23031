"""Attributes that the filesystem has no room for: kept beside, never lost, gone with their object."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, names

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


POLICY = '{"Statement": ["' + "p" * 20_000 + '"]}'
CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": [f"https://{n}.{'o' * 600}"]} for n in range(95)]}
CONFIGURATIONS: list[tuple[str, dict[str, Any]]] = [
    ("BucketPolicy", {"Policy": POLICY}),
    ("BucketCors", {"CORSConfiguration": CORS}),
    ("BucketTagging", {"Tagging": {"TagSet": [{"Key": f"k{n}", "Value": "v" * 256} for n in range(50)]}}),
]


async def told(backend: PosixBackend, subject: str) -> Any:
    """What a bucket says of a configuration."""
    return await backend.call(f"Get{subject}", {"Bucket": "bucket"})


async def test_bucket_configurations(backend: PosixBackend, root: Path) -> None:
    """A policy of 20 KB, CORS of 64 KB and fifty tags stand side by side, and go one by one."""
    for subject, arguments in CONFIGURATIONS:
        await backend.call(f"Put{subject}", {"Bucket": "bucket", **arguments})
    assert await told(backend, "BucketPolicy") == {"Policy": POLICY}
    assert await told(backend, "BucketCors") == CORS
    assert len((await told(backend, "BucketTagging"))["TagSet"]) == 50
    await backend.call("DeleteBucketPolicy", {"Bucket": "bucket"})
    assert await told(backend, "BucketCors") == CORS
    assert len(await told(backend, "BucketOwnershipControls")) == 1
    for name in ("DeleteBucketCors", "DeleteBucketTagging"):
        await backend.call(name, {"Bucket": "bucket"})
    assert beside(root) == []


async def test_ten_thousand_parts(backend: PosixBackend, root: Path) -> None:
    """The index of an object of 10,000 parts, 53 KB, is read back to its last part."""
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", WHERE))["UploadId"]}
    sizes = list(accumulate(range(1, 10_001)))
    kept = gzip.compress(json.dumps({"uploadId": upload["UploadId"], "parts": sizes}).encode(), compresslevel=0)
    await backend.call("PutObject", {**WHERE, "Body": bytes(sizes[-1])})
    with open(root / "bucket/k", "rb") as file:
        where = names.find("bucket", "k")
        backend.tree.store.change(file.fileno(), where, where.path, {"mp-metadata": kept}, durable=False)
    answer = await backend.call("HeadObject", {**WHERE, "PartNumber": 10_000})
    assert (answer["ContentLength"], answer["PartsCount"], len(kept) > 50_000) == (10_000, 10_000, True)


async def test_a_stale_file_is_cleared(backend: PosixBackend, root: Path) -> None:
    """What its object doesn't carry the id of, since another program replaced it, goes with the next start."""
    await fill(backend)
    left = beside(root)
    (root / "bucket/new").write_bytes(b"another program's")
    (root / "bucket/new").rename(root / "bucket/k")
    assert (await backend.call("HeadObject", WHERE))["Metadata"] == {}
    assert (await backend.call("GetObjectTagging", WHERE))["TagSet"] == []
    await backend.start()
    assert (beside(root), len(left) <= 1) == ([], True)


def copied(root: Path, name: str) -> None:
    """Another program copies the object, attributes and all."""
    shutil.copy2(root / "bucket/k", root / "bucket" / name)
    for attribute in os.listxattr(root / "bucket/k"):
        os.setxattr(root / "bucket" / name, attribute, os.getxattr(root / "bucket/k", attribute))


async def test_a_copy_takes_nothing_away(backend: PosixBackend, root: Path) -> None:
    """Deleting and changing what another program copied leaves the original whole."""
    await fill(backend)
    copied(root, "copy")
    await backend.call("DeleteObjectTagging", {"Bucket": "bucket", "Key": "copy"})
    copied(root, "copy")
    await backend.call("DeleteObject", {"Bucket": "bucket", "Key": "copy"})
    assert (await backend.call("GetObjectTagging", WHERE))["TagSet"] == TAGS


async def test_a_copy_can_be_read_without_its_original(backend: PosixBackend, root: Path) -> None:
    """What lay beside the original is gone with it; the copy is an object all the same."""
    await fill(backend)
    copied(root, "copy")
    await backend.call("DeleteObject", WHERE)
    copy = {"Bucket": "bucket", "Key": "copy"}
    assert (await backend.call("GetObject", copy))["ContentLength"] == 1
    await backend.call("PutObjectTagging", {**copy, "Tagging": {"TagSet": TAGS}})
    assert (await backend.call("GetObjectTagging", copy))["TagSet"] == TAGS
    await backend.call("DeleteObject", copy)
    assert beside(root) == []
