"""What single options of a served directory do."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from colonnade import context
from colonnade.backends.posix import PosixBackend, from_options
from colonnade.body import FileBody
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account


async def over(root: Path, **options: Any) -> PosixBackend:
    """A started backend."""
    backend = from_options({"path": str(root), "fsync": False, **options})
    await backend.start()
    return backend


@pytest.fixture
def account() -> Iterator[Account]:
    """Who asks: somebody with ids of his own."""
    caller = Account("somebody", "secret", user_id=1234, group_id=4321)
    context.set_caller(caller)
    yield caller
    context.set_caller(None)


def owner(path: Path) -> tuple[int, int]:
    """User and group of a file."""
    status = path.lstat()
    return status.st_uid, status.st_gid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(
    ("options", "ids"),
    [({"chuid": True}, (1234, 0)), ({"chgid": True}, (0, 4321)), ({"chuid": True, "chgid": True}, (1234, 4321))],
)
async def test_ids_of_accounts(root: Path, account: Account, options: dict[str, bool], ids: tuple[int, int]) -> None:
    """What an account makes is its own: buckets, directories, objects, directory objects, joined uploads."""
    backend = await over(root, **options)
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    for key in ("a/b/small", "a/b/large", "d/"):
        body = b"" if key[-1] == "/" else bytes(10 if key.endswith("small") else 3_000_000)
        await backend.call("PutObject", {"Bucket": "bucket", "Key": key, "Body": body})
    where = {"Bucket": "bucket", "Key": "joined"}
    upload = {**where, "UploadId": (await backend.call("CreateMultipartUpload", where))["UploadId"]}
    part = await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"x"})
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    await backend.call("CompleteMultipartUpload", {**upload, "MultipartUpload": {"Parts": parts}})
    names = ("", "a", "a/b", "a/b/small", "a/b/large", "d", "joined")
    assert {owner(root / "bucket" / name) for name in names} == {ids}
    await backend.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
async def test_ids_of_nobody_in_particular(root: Path) -> None:
    """Root's files stay the process's."""
    context.set_caller(Account("root", "secret", root=True, user_id=77))
    backend = await over(root, chuid=True)
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    context.set_caller(None)
    assert owner(root / "bucket") == (os.geteuid(), os.getegid())
    await backend.close()


@pytest.fixture
def linked(root: Path, tmp_path: Path) -> Path:
    """A directory elsewhere that a link in the served one leads to."""
    target = tmp_path / "elsewhere"
    (target / "a").mkdir(parents=True)
    (target / "a/k").write_bytes(b"linked")
    (root / "link").symlink_to(target)
    return target


async def test_links_are_no_buckets(root: Path, linked: Path) -> None:
    """Without the option a link is not there, for reads as for writes."""
    backend = await over(root)
    assert (await backend.call("ListBuckets", {}))["Buckets"] == []
    with pytest.raises(S3Error, match="bucket does not exist"):
        await backend.call("PutObject", {"Bucket": "link", "Key": "k", "Body": b"x"})
    assert os.listdir(linked) == ["a"]
    await backend.close()


async def test_linked_buckets(root: Path, linked: Path) -> None:
    """With it a link is a bucket as others are: listed, read, written; links in it lead nowhere outside."""
    (linked / "out").symlink_to(root.parent)
    backend = await over(root, bucketlinks=True)
    assert [row["Name"] for row in (await backend.call("ListBuckets", {}))["Buckets"]] == ["link"]
    await backend.call("PutObject", {"Bucket": "link", "Key": "b/new", "Body": b"x"})
    page = await backend.call("ListObjectsV2", {"Bucket": "link"})
    assert [row["Key"] for row in page["Contents"]] == ["a/k", "b/new"]
    answer = await backend.call("GetObject", {"Bucket": "link", "Key": "a/k"})
    assert (await answer["Body"].read(), (linked / "b/new").read_bytes()) == (b"linked", b"x")
    (root.parent / "secret").write_bytes(b"s")
    with pytest.raises(S3Error, match="key does not exist"):
        await backend.call("GetObject", {"Bucket": "link", "Key": "out/secret"})
    await backend.close()


async def test_deleting_a_linked_bucket(root: Path, linked: Path) -> None:
    """The link goes once nothing is in what it leads to, which stays."""
    backend = await over(root, bucketlinks=True)
    with pytest.raises(S3Error, match="not empty"):
        await backend.call("DeleteBucket", {"Bucket": "link"})
    await backend.call("DeleteObject", {"Bucket": "link", "Key": "a/k"})
    await backend.call("DeleteBucket", {"Bucket": "link"})
    assert (os.listdir(root), os.listdir(linked)) == ([], [])
    await backend.close()


@pytest.mark.parametrize("options", [{"enable_odirect": True}, {"io_buffer_size": 10_000}, {"io_buffer_size": -1}])
@pytest.mark.parametrize("size", [0, 5, 200_000, 1_048_576, 3_000_001])
async def test_bodies(root: Path, options: dict[str, Any], size: int) -> None:
    """Whatever the buffers, bodies come back as they were, whole and in ranges that begin anywhere."""
    backend = await over(root, **options)
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    body = os.urandom(size)
    where = {"Bucket": "bucket", "Key": "k"}
    put = await backend.call("PutObject", {**where, "Body": body})
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    assert await (await backend.call("GetObject", where))["Body"].read() == body
    if size > 5000:
        answer = await backend.call("GetObject", {**where, "Range": f"bytes=4097-{size - 2}"})
        assert await answer["Body"].read() == body[4097 : size - 1]
    await backend.close()


async def test_pieces_are_as_large_as_the_buffer(root: Path) -> None:
    """What is read at a time follows the option."""
    backend = await over(root, io_buffer_size=10_000)
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": bytes(300_000)})
    body = (await backend.call("GetObject", {"Bucket": "bucket", "Key": "k"}))["Body"]
    assert isinstance(body, FileBody)
    assert {len(piece) async for piece in body} == {10_000}
    await body.aclose()
    await backend.close()
