"""Disks that are full, broken or read-only, buckets that vanish: the right error, nothing half there, it goes on."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.body import StreamBody
from colonnade.errors import S3Error
from tests.posix.mounts import READ_ONLY, REMOUNT, Faults, faulty, mount, tmpfs

WHERE = {"Bucket": "bucket", "Key": "a/k"}


async def started(path: Path, **options: Any) -> PosixBackend:
    """A started backend with a bucket that holds one object."""
    backend = from_options({"path": str(path), **options})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {**WHERE, "Body": b"old", "Metadata": {"of": "old"}})
    return backend


async def code(backend: PosixBackend, operation: str, arguments: dict[str, Any]) -> str:
    """How a call ends: S3's code, or empty."""
    try:
        await backend.call(operation, arguments)
    except S3Error as error:
        return error.code
    return ""


async def check_whole(backend: PosixBackend, path: Path) -> None:
    """The old object is as it was, and nothing else is left, in the work area neither; writing works again."""
    answer = await backend.call("GetObject", WHERE)
    assert (await answer["Body"].read(), answer["Metadata"]) == (b"old", {"of": "old"})
    page = await backend.call("ListObjectsV2", {"Bucket": "bucket"})
    assert [row["Key"] for row in page["Contents"]] == ["a/k"]
    area = path / "bucket/.sgwtmp"
    files = [os.path.join(at, name) for at, _, names in os.walk(area) for name in names if "colonnade.locks" not in at]
    assert [file for file in files if not file.endswith("objname")] == []
    await backend.call("PutObject", {**WHERE, "Body": b"new"})
    assert await (await backend.call("GetObject", WHERE))["Body"].read() == b"new"


@pytest.fixture(params=["size=2m", "size=2m,nr_inodes=40"])
def small(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes, in one case with few files."""
    with tmpfs(tmp_path / "small", request.param) as path:
        yield path


async def fill(backend: PosixBackend) -> tuple[str, int]:
    """Write until nothing goes any more: how the last write ended, and how many went well."""
    for number in range(100):
        said = await code(backend, "PutObject", {"Bucket": "bucket", "Key": f"fill/{number}", "Body": bytes(100_000)})
        if said:
            return said, number
    return "", 100


@pytest.mark.parametrize("sidecar", [False, True])
async def test_full_disk(small: Path, tmp_path: Path, sidecar: bool) -> None:
    """A write is told InsufficientStorage; reading, listing and deleting go on, and then there is room again."""
    (tmp_path / "side").mkdir()
    backend = await started(small, **({"sidecar": str(tmp_path / "side")} if sidecar else {}))
    said, count = await fill(backend)
    assert (said, count > 3) == ("InsufficientStorage", True)
    assert await code(backend, "PutObject", {**WHERE, "Body": bytes(1_900_000)}) == "InsufficientStorage"
    assert await code(backend, "GetObject", WHERE) == ""
    for number in range(count):
        assert await code(backend, "DeleteObject", {"Bucket": "bucket", "Key": f"fill/{number}"}) == ""
    await check_whole(backend, small)
    await backend.close()


async def test_full_disk_of_attributes(tmp_path: Path) -> None:
    """Where the body has room and its attributes have none, nothing of either is there."""
    data, side = tmp_path / "data", tmp_path / "side"
    data.mkdir()
    with tmpfs(side, "size=64k,nr_inodes=30"):
        backend = await started(data, sidecar=str(side))
        for number in range(30):
            said = await code(backend, "PutObject", {"Bucket": "bucket", "Key": f"fill/{number}", "Body": b"x"})
            if said:
                break
        assert said == "InsufficientStorage"
        assert not (data / f"bucket/fill/{number}").exists()
        for filled in range(number):
            await backend.call("DeleteObject", {"Bucket": "bucket", "Key": f"fill/{filled}"})
        await check_whole(backend, data)
        await backend.close()


async def test_parts_and_copies_on_a_full_disk(small: Path) -> None:
    """They are refused the same way, and the upload can be aborted."""
    backend = await started(small)
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", WHERE))["UploadId"]}
    part = {**upload, "PartNumber": 1, "Body": bytes(3_000_000)}
    assert await code(backend, "UploadPart", part) == "InsufficientStorage"
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "large", "Body": bytes(1_200_000)})
    copy = {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/large"}
    assert await code(backend, "CopyObject", copy) == "InsufficientStorage"
    await backend.call("AbortMultipartUpload", upload)
    await backend.call("DeleteObject", {"Bucket": "bucket", "Key": "large"})
    await check_whole(backend, small)
    await backend.close()


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[tuple[Path, Faults]]:
    """A filesystem that fails when told to."""
    with faulty(tmp_path) as found:
        yield found


@pytest.mark.parametrize("size", [10, 3_000_000])
@pytest.mark.parametrize("kernel", ["CREATE", "WRITE", "SETXATTR", "FSYNC", "RENAME"])
@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EIO, "InternalError"),
        (errno.EDQUOT, "QuotaExceeded"),
        (errno.ENOSPC, "InsufficientStorage"),
        (errno.EACCES, "AccessDenied"),
        (errno.EROFS, "MethodNotAllowed"),
    ],
)
async def test_writes_that_fail(broken: tuple[Path, Faults], kernel: str, number: int, says: str, size: int) -> None:
    """Wherever a write fails, and however: its error is said, the old object stays, nothing else does."""
    path, faults = broken
    backend = await started(path)
    faults.set(**{kernel: number})
    assert await code(backend, "PutObject", {**WHERE, "Body": bytes(size)}) == says
    faults.set()
    await check_whole(backend, path)
    await backend.close()


@pytest.mark.parametrize("kernel", ["LOOKUP", "GETATTR", "OPEN", "READ", "GETXATTR", "LISTXATTR"])
async def test_reads_that_fail(broken: tuple[Path, Faults], kernel: str) -> None:
    """A disk that can't be read is an InternalError, never a missing object; then it is read again."""
    path, faults = broken
    backend = await started(path)
    faults.set(**{kernel: errno.EIO})
    assert await code(backend, "GetObject", WHERE) in ("InternalError", "ServiceUnavailable")
    faults.set()
    await check_whole(backend, path)
    await backend.close()


@pytest.fixture
async def read_only(tmp_path: Path) -> AsyncIterator[PosixBackend]:
    """A backend over a filesystem that has become read-only while it was served."""
    with tmpfs(tmp_path / "small", "size=2m") as path:
        backend = await started(path)
        mount("tmpfs", path, flags=REMOUNT | READ_ONLY)
        yield backend
        await backend.close()


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("CreateBucket", {"Bucket": "other"}),
    ("PutObject", {**WHERE, "Body": b"x"}),
    ("PutObject", {**WHERE, "Body": bytes(3_000_000)}),
    ("PutObject", {"Bucket": "bucket", "Key": "d/"}),
    ("DeleteObject", WHERE),
    ("PutObjectTagging", {**WHERE, "Tagging": {"TagSet": []}}),
    ("CopyObject", {**WHERE, "Key": "b", "CopySource": "bucket/a/k"}),
    ("CreateMultipartUpload", WHERE),
    ("PutBucketTagging", {"Bucket": "bucket", "Tagging": {"TagSet": [{"Key": "a", "Value": "1"}]}}),
    ("DeleteBucket", {"Bucket": "bucket"}),
]


@pytest.mark.parametrize(("operation", "arguments"), CHANGES)
async def test_read_only(read_only: PosixBackend, operation: str, arguments: dict[str, Any]) -> None:
    """What would change something is MethodNotAllowed, reading goes on."""
    assert await code(read_only, operation, arguments) == "MethodNotAllowed"
    assert await (await read_only.call("GetObject", WHERE))["Body"].read() == b"old"


async def test_read_only_from_the_start(read_only: PosixBackend) -> None:
    """Such a directory can be served too."""
    other = from_options({"path": read_only.tree.root.path})
    await other.start()
    assert await (await other.call("GetObject", WHERE))["Body"].read() == b"old"
    assert await code(other, "PutObject", {**WHERE, "Body": b"x"}) == "MethodNotAllowed"
    await other.close()


@pytest.mark.parametrize("options", ["size=64k", "size=1m,nr_inodes=9"])
async def test_full_from_the_start(tmp_path: Path, options: str) -> None:
    """A gateway starts on a full disk, which could not be emptied through it otherwise."""
    with tmpfs(tmp_path / "small", options) as path:
        backend = await started(path)
        assert (await fill(backend))[0] == "InsufficientStorage"
        with suppress(OSError):
            for number in range(100):
                (path / f"filler{number}").write_bytes(bytes(1000))
        other = from_options({"path": str(path)})
        await other.start()
        assert await code(other, "DeleteObject", WHERE) == ""
        await other.close()
        await backend.close()


GONE: list[tuple[str, dict[str, Any]]] = [
    ("GetObject", WHERE),
    ("PutObject", {**WHERE, "Body": b"x"}),
    ("PutObject", {**WHERE, "Body": bytes(3_000_000)}),
    ("DeleteObject", WHERE),
    ("ListObjectsV2", {"Bucket": "bucket"}),
    ("ListObjectVersions", {"Bucket": "bucket"}),
    ("ListMultipartUploads", {"Bucket": "bucket"}),
    ("GetBucketTagging", {"Bucket": "bucket"}),
    ("PutObjectTagging", {**WHERE, "Tagging": {"TagSet": []}}),
    ("CreateMultipartUpload", WHERE),
    ("DeleteBucket", {"Bucket": "bucket"}),
]


@pytest.mark.parametrize(("operation", "arguments"), GONE)
async def test_a_bucket_s_directory_is_removed(root: Path, operation: str, arguments: dict[str, Any]) -> None:
    """It is NoSuchBucket from then on, and isn't made again by a write."""
    backend = await started(root, fsync=False)
    shutil.rmtree(root / "bucket")
    assert await code(backend, operation, arguments) == "NoSuchBucket"
    assert os.listdir(root) == []
    await backend.close()


@pytest.mark.parametrize("size", [10, 3_000_000])
async def test_a_bucket_s_directory_is_removed_meanwhile(root: Path, size: int) -> None:
    """While a body comes in: NoSuchBucket, and nothing of it stays."""
    backend = await started(root, fsync=False)

    async def pieces() -> AsyncIterator[bytes]:
        yield bytes(size // 2)
        shutil.rmtree(root / "bucket")
        yield bytes(size // 2)

    assert await code(backend, "PutObject", {**WHERE, "Body": StreamBody(pieces(), size)}) == "NoSuchBucket"
    assert os.listdir(root) == []
    await backend.close()
