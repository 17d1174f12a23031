"""Keys that no file can bear are refused, never bent; what isn't ours stays out of reach."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend
from colonnade.errors import S3Error

UNFIT = ["/a", "a//b", "//", "/", "a/./b", ".", "..", "../x", "a/..", "a\0b", ".sgwtmp/x", "a/.sgwtmp", ".x.sgwtmp.7"]


@pytest.mark.parametrize("key", [*UNFIT, "x" * 256, "é" * 128])
async def test_writing_is_refused(backend: PosixBackend, root: Path, key: str) -> None:
    """PutObject says 400 and makes nothing."""
    with pytest.raises(S3Error) as caught:
        await backend.call("PutObject", {"Bucket": "bucket", "Key": key, "Body": b"x"})
    assert caught.value.status == 400
    assert set(os.listdir(root / "bucket")) <= {".sgwtmp"}


@pytest.mark.parametrize("key", UNFIT)
async def test_reading_finds_nothing(backend: PosixBackend, key: str) -> None:
    """GetObject says NoSuchKey, so that another backend may have the key; deleting does nothing."""
    with pytest.raises(S3Error, match="NoSuchKey"):
        await backend.call("GetObject", {"Bucket": "bucket", "Key": key})
    await backend.call("DeleteObject", {"Bucket": "bucket", "Key": key})


@pytest.mark.parametrize("key", [".hidden", "...", ".x.sgwtmp", "a b+%41", "ü/€", "x" * 255, "sgwtmp"])
async def test_odd_names_are_objects(backend: PosixBackend, key: str) -> None:
    """Dot-files, blanks and percent signs are as good as any name."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": key, "Body": b"x"})
    listed = await backend.call("ListObjectsV2", {"Bucket": "bucket"})
    assert [row["Key"] for row in listed["Contents"]] == [key]


@pytest.mark.parametrize("bucket", ["..", ".", "", "a/b", ".sgwtmp"])
async def test_bucket_names_stay_inside(backend: PosixBackend, bucket: str) -> None:
    """No bucket name leads anywhere else."""
    with pytest.raises(S3Error, match="InvalidBucketName"):
        await backend.call("GetObject", {"Bucket": bucket, "Key": "k"})


@pytest.mark.parametrize("openat2", [True, False])
async def test_symlinks_lead_nowhere_else(backend: PosixBackend, root: Path, openat2: bool) -> None:
    """A link out of the served directory can neither be read nor written through."""
    backend.tree.root.openat2 = openat2
    (root.parent / "secret").mkdir()
    (root.parent / "secret/file").write_text("s")
    (root / "bucket/out").symlink_to(root.parent / "secret")
    with pytest.raises(S3Error, match="NoSuchKey"):
        await backend.call("GetObject", {"Bucket": "bucket", "Key": "out/file"})
    with pytest.raises(S3Error):
        await backend.call("PutObject", {"Bucket": "bucket", "Key": "out/new", "Body": b"x"})
    assert os.listdir(root.parent / "secret") == ["file"]


async def test_foreign_file_is_an_object(backend: PosixBackend, root: Path) -> None:
    """A file that was there before has a stable ETag that is no MD5, and a type by its name."""
    (root / "bucket/page.html").write_text("<p>")
    first = await backend.call("HeadObject", {"Bucket": "bucket", "Key": "page.html"})
    again = await backend.call("HeadObject", {"Bucket": "bucket", "Key": "page.html"})
    assert first["ETag"] == again["ETag"]
    assert first["ETag"].count("-") == 2
    assert first["ContentType"] == "text/html"


async def test_fifo_is_no_object(backend: PosixBackend, root: Path) -> None:
    """What is neither file nor directory can't be read, and holds nobody up."""
    os.mkfifo(root / "bucket/pipe")
    with pytest.raises(S3Error, match="NoSuchKey"):
        await backend.call("GetObject", {"Bucket": "bucket", "Key": "pipe"})
