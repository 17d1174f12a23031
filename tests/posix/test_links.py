"""Symbolic links in the served directory, which other programs may make: none leads from one bucket into another."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.backends.posix.again import Again
from colonnade.backends.posix.glance import Glance
from colonnade.backends.posix.locks import DIRECTORY as LOCKS
from colonnade.backends.posix.names import TMP
from colonnade.errors import S3Error

TAGS = {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}


@pytest.fixture(params=[False, True], ids=["", "bucketlinks"])
def links(request: pytest.FixtureRequest) -> bool:
    """Whether links are buckets."""
    return bool(request.param)


@pytest.fixture(params=[True, False], ids=["openat2", "by-steps"])
def openat2(request: pytest.FixtureRequest) -> bool:
    """Whether the kernel has openat2."""
    return bool(request.param)


@pytest.fixture(params=[True, False], ids=["library", "plain"])
async def served(
    request: pytest.FixtureRequest, root: Path, compiled: Glance, links: bool, openat2: bool
) -> AsyncIterator[PosixBackend]:
    """Two buckets, and links from `aaa` to a file and a directory of `bbb`."""
    backend = from_options({"path": str(root), "fsync": False, "bucketlinks": links})
    backend.tree.root.openat2 = openat2
    backend.again = Again(backend.tree, compiled if request.param else Glance("/nowhere"))
    await backend.start()
    for bucket in ("aaa", "bbb"):
        await backend.call("CreateBucket", {"Bucket": bucket})
    for bucket, key in (("aaa", "in/k"), ("bbb", "secret"), ("bbb", "sub/secret")):
        await backend.call("PutObject", {"Bucket": bucket, "Key": key, "Body": b"0123"})
    (root / "aaa/link").symlink_to("../bbb/secret")
    (root / "aaa/dl").symlink_to("../bbb/sub")
    (root / "linked").symlink_to("aaa")
    yield backend
    await backend.close()


async def outcome(backend: PosixBackend, operation: str, bucket: str, key: str, **more: Any) -> Any:
    """What is answered; of a refusal its code."""
    naming = {"Bucket": bucket} | ({"Key": key} if key else {})
    try:
        answer = await backend.call(operation, {**naming, **more})
    except S3Error as error:
        return error.code
    return await answer["Body"].read() if "Body" in answer else answer


def contents(top: Path) -> dict[str, Any]:
    """All that is kept below a directory but its locks: bytes, attributes and where links lead."""

    def paths() -> Iterator[Path]:
        for directory, names, files in os.walk(top):
            names[:] = [name for name in names if name != LOCKS]
            yield from (Path(directory, name) for name in (*names, *files))

    def said(path: Path) -> Any:
        if path.is_symlink():
            return os.readlink(path)
        attributes = {name: os.getxattr(path, name) for name in os.listxattr(path)}
        return attributes, path.read_bytes() if path.is_file() else None

    return {str(path): said(path) for path in paths()}


READS: dict[str, dict[str, Any]] = {
    "GetObject": {},
    "HeadObject": {},
    "GetObjectTagging": {},
    "GetObjectAcl": {},
    "GetObjectAttributes": {"ObjectAttributes": ["ETag"]},
}
CHANGES: dict[str, dict[str, Any]] = {
    "PutObjectTagging": TAGS,
    "DeleteObjectTagging": {},
    "PutObjectAcl": {"ACL": "private"},
}


@pytest.mark.parametrize("operation", [*READS, *CHANGES])
async def test_nothing_is_at_a_link_to_another_bucket(served: PosixBackend, root: Path, operation: str) -> None:
    """What lies in another bucket is neither read nor changed, however often it is asked for."""
    before = contents(root / "bbb")
    for key in ("link", "dl/secret") * 2:
        assert await outcome(served, operation, "aaa", key, **(READS | CHANGES)[operation]) == "NoSuchKey"
    assert contents(root / "bbb") == before


async def test_no_copy_of_another_buckets_object(served: PosixBackend) -> None:
    """A copy's source is read as any object is."""
    upload = await served.call("CreateMultipartUpload", {"Bucket": "aaa", "Key": "m"})
    part = {"UploadId": upload["UploadId"], "PartNumber": 1}
    for source in ("aaa/link", "aaa/dl/secret"):
        assert await outcome(served, "CopyObject", "aaa", "copy", CopySource=source) == "NoSuchKey"
        assert await outcome(served, "UploadPartCopy", "aaa", "m", CopySource=source, **part) == "NoSuchKey"


@pytest.mark.parametrize("key", ["dl/new", "dl/secret", "dl/", "dl/deep/new"])
async def test_nothing_is_written_into_another_bucket(served: PosixBackend, root: Path, key: str) -> None:
    """PUT, COPY, a completed upload and DELETE through a link to a directory leave the other bucket as it is."""
    before = contents(root / "bbb")
    data = b"" if key[-1] == "/" else b"x"
    assert isinstance(await outcome(served, "PutObject", "aaa", key, Body=data), str)
    assert isinstance(await outcome(served, "CopyObject", "aaa", key, CopySource="aaa/in/k"), str)
    upload = await outcome(served, "CreateMultipartUpload", "aaa", key)
    if key[-1] != "/":
        named = {"UploadId": upload["UploadId"]}
        part = await served.call("UploadPart", {"Bucket": "aaa", "Key": key, "PartNumber": 1, "Body": b"x", **named})
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        assert isinstance(
            await outcome(served, "CompleteMultipartUpload", "aaa", key, MultipartUpload=parts, **named), str
        )
    await outcome(served, "DeleteObject", "aaa", key)
    assert contents(root / "bbb") == before


async def test_a_link_is_replaced_and_removed_itself(served: PosixBackend, root: Path) -> None:
    """Overwriting or deleting the key that a link has is about the link, not about what it leads to."""
    before = contents(root / "bbb")
    await served.call("PutObject", {"Bucket": "aaa", "Key": "link", "Body": b"mine"})
    assert await outcome(served, "GetObject", "aaa", "link") == b"mine"
    (root / "aaa/other").symlink_to("../bbb/secret")
    await served.call("DeleteObject", {"Bucket": "aaa", "Key": "other"})
    assert not os.path.lexists(root / "aaa/other")
    assert contents(root / "bbb") == before


@pytest.mark.parametrize("operation", ["ListObjects", "ListObjectsV2", "ListObjectVersions"])
async def test_listings_show_no_other_bucket(served: PosixBackend, operation: str) -> None:
    """Neither what a link leads to nor what is below it is listed."""
    for prefix, keys in {"": ["in/k"], "dl/": [], "link": []}.items():
        page = await served.call(operation, {"Bucket": "aaa", "Prefix": prefix})
        rows = page.get("Contents") or page.get("Versions") or []
        assert [row["Key"] for row in rows] == keys


ON_A_BUCKET: dict[str, dict[str, Any]] = {
    "HeadBucket": {},
    "ListObjectsV2": {},
    "GetObject": {"Key": "in/k"},
    "HeadObject": {"Key": "in/k"},
    "PutObject": {"Key": "new", "Body": b"x"},
    "CopyObject": {"Key": "new", "CopySource": "aaa/in/k"},
    "PutObjectTagging": {"Key": "in/k", **TAGS},
    "CreateMultipartUpload": {"Key": "new"},
    "ListMultipartUploads": {},
    "PutBucketTagging": TAGS,
    "DeleteObject": {"Key": "in/k"},
}


@pytest.mark.parametrize("operation", ON_A_BUCKET)
async def test_a_link_to_a_bucket(served: PosixBackend, root: Path, links: bool, operation: str) -> None:
    """It is a bucket for every operation where links are buckets, and else for none."""
    before = contents(root / "aaa")
    answer = await outcome(served, operation, "linked", "", **ON_A_BUCKET[operation])
    if links:
        assert not isinstance(answer, str)
    else:
        assert answer == "NoSuchBucket"
        assert contents(root / "aaa") == before


@pytest.mark.parametrize("openat2", [True], indirect=True)
async def test_links_within_a_bucket(served: PosixBackend, root: Path) -> None:
    """They lead to files and directories of the same bucket, for all operations alike."""
    (root / "aaa/same").symlink_to("in/k")
    (root / "aaa/there").symlink_to("in")
    for key in ("same", "there/k"):
        assert await outcome(served, "GetObject", "aaa", key) == b"0123"
        await served.call("PutObjectTagging", {"Bucket": "aaa", "Key": key, **TAGS})
    await served.call("PutObject", {"Bucket": "aaa", "Key": "there/new", "Body": b"n"})
    assert (root / "aaa/in/new").read_bytes() == b"n"
    await served.call("DeleteObject", {"Bucket": "aaa", "Key": "there/k"})
    assert os.listdir(root / "aaa/in") == ["new"]


@pytest.mark.parametrize("inner", ["", "/multipart"])
async def test_no_work_area_of_another_bucket(served: PosixBackend, root: Path, inner: str) -> None:
    """A link in the place of a work area, or of the uploads in it, shows and takes nothing of another bucket's."""
    upload = await served.call("CreateMultipartUpload", {"Bucket": "bbb", "Key": "in/k"})
    before = contents(root / "bbb")
    area = root / f"aaa/{TMP}{inner}"
    if area.exists():
        area.rename(root.parent / "away")
    area.symlink_to(f"{root}/bbb/{TMP}{inner}")
    assert "Uploads" not in await served.call("ListMultipartUploads", {"Bucket": "aaa"})
    assert await outcome(served, "AbortMultipartUpload", "aaa", "in/k", UploadId=upload["UploadId"]) == "NoSuchUpload"
    assert await outcome(served, "CreateMultipartUpload", "aaa", "in/k") == "AccessDenied"
    if not inner:
        assert await outcome(served, "PutObject", "aaa", "in/k", Body=b"x") == "AccessDenied"
    await outcome(served, "PutObjectTagging", "aaa", "in/k", **TAGS)
    await outcome(served, "DeleteObject", "aaa", "in/k")
    assert contents(root / "bbb") == before


@pytest.mark.parametrize("inner", ["", "/colonnade.overflow"])
async def test_a_start_clears_nothing_behind_links(root: Path, inner: str) -> None:
    """What dead writers left is looked for in work areas, not in what a link in their place leads to."""
    elsewhere = root.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "old").write_bytes(b"kept")
    os.utime(elsewhere / "old", (0, 0))
    (root / f"aaa/{TMP}").parent.mkdir()
    if inner:
        (root / f"aaa/{TMP}").mkdir()
    (root / f"aaa/{TMP}{inner}").symlink_to(elsewhere)
    backend = from_options({"path": str(root), "fsync": False})
    await backend.start()
    await backend.close()
    assert os.listdir(elsewhere) == ["old"]
