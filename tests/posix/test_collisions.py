"""A key and another below it: what a directory tree can't hold side by side, and what it can."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend
from colonnade.errors import S3Error


async def put(backend: PosixBackend, key: str, body: bytes = b"x") -> None:
    """Put an object."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": key, "Body": b"" if key.endswith("/") else body})


async def keys(backend: PosixBackend) -> list[str]:
    """All keys."""
    listed: Any = await backend.call("ListObjectsV2", {"Bucket": "bucket"})
    return [row["Key"] for row in listed.get("Contents", [])]


@pytest.mark.parametrize(
    ("there", "new", "code"),
    [
        ("a/b", "a", "ExistingObjectIsDirectory"),
        ("a/", "a", "ExistingObjectIsDirectory"),
        ("a/b/c/", "a", "ExistingObjectIsDirectory"),
        ("a", "a/b", "ObjectParentIsFile"),
        ("a", "a/b/c", "ObjectParentIsFile"),
        ("a", "a/", "ObjectParentIsFile"),
    ],
)
async def test_refused(backend: PosixBackend, there: str, new: str, code: str) -> None:
    """What can't lie beside the other is 409, and what was there stays."""
    await put(backend, there)
    with pytest.raises(S3Error) as caught:
        await put(backend, new)
    assert (caught.value.code, caught.value.status) == (code, 409)
    assert await keys(backend) == [there]


async def test_empty_directories_don_t_block(backend: PosixBackend, root: Path) -> None:
    """Directories that hold nothing give way to a file."""
    (root / "bucket/a/b/c").mkdir(parents=True)
    await put(backend, "a")
    assert await keys(backend) == ["a"]


async def test_directory_with_data(backend: PosixBackend) -> None:
    """A key that ends in a slash holds no bytes."""
    with pytest.raises(S3Error, match="DirectoryObjectContainsData"):
        await backend.call("PutObject", {"Bucket": "bucket", "Key": "a/", "Body": b"x"})


async def test_last_object_takes_its_directories_along(backend: PosixBackend, root: Path) -> None:
    """Deleting the last key below them removes the directories."""
    await put(backend, "a/b/c")
    await backend.call("DeleteObject", {"Bucket": "bucket", "Key": "a/b/c"})
    assert os.listdir(root / "bucket") == [".sgwtmp"]


async def test_directory_objects_stay(backend: PosixBackend, root: Path) -> None:
    """Directories are removed up to one that is an object."""
    await put(backend, "a/")
    await put(backend, "a/b/c")
    await backend.call("DeleteObject", {"Bucket": "bucket", "Key": "a/b/c"})
    assert await keys(backend) == ["a/"]
    assert os.listdir(root / "bucket/a") == []


async def test_deleting_a_full_directory_object(backend: PosixBackend, root: Path) -> None:
    """The directory stays for what lies in it and is an object no more."""
    await put(backend, "a/")
    await put(backend, "a/b")
    await backend.call("DeleteObject", {"Bucket": "bucket", "Key": "a/"})
    assert await keys(backend) == ["a/b"]
    assert os.listxattr(root / "bucket/a") == []


@pytest.mark.parametrize(("there", "asked"), [("a/b", "a"), ("a/b", "a/"), ("a", "a/"), ("a/", "a")])
async def test_slash_makes_the_difference(backend: PosixBackend, there: str, asked: str) -> None:
    """Reading with the other form is NoSuchKey, deleting it changes nothing."""
    await put(backend, there)
    with pytest.raises(S3Error, match="NoSuchKey"):
        await backend.call("HeadObject", {"Bucket": "bucket", "Key": asked})
    await backend.call("DeleteObject", {"Bucket": "bucket", "Key": asked})
    assert await keys(backend) == [there]


async def test_bucket_of_empty_directories_can_be_deleted(backend: PosixBackend, root: Path) -> None:
    """Directories that hold no object are no content."""
    (root / "bucket/a/b").mkdir(parents=True)
    await backend.call("DeleteBucket", {"Bucket": "bucket"})
    assert os.listdir(root) == []


async def test_bucket_with_an_object_stays(backend: PosixBackend) -> None:
    """BucketNotEmpty, whether the object is a file or a directory."""
    await put(backend, "d/")
    with pytest.raises(S3Error, match="BucketNotEmpty"):
        await backend.call("DeleteBucket", {"Bucket": "bucket"})
    assert await keys(backend) == ["d/"]
