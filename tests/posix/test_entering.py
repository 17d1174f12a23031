"""Changes that are begun in one call: they end as those do that take several."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.backends.posix.entering import Entering
from colonnade.backends.posix.glance import Glance
from colonnade.backends.posix.names import place
from colonnade.backends.posix.tree import Tree
from colonnade.body import BytesBody
from colonnade.errors import S3Error

NOWHERE = "/nowhere/libglance.so"


def entering(tree: Tree, glance: Glance) -> Entering:
    """One that uses a library."""
    return Entering(tree.root, tree.locks, in_inode=tree.store.in_inode, glance=glance)


@pytest.fixture(params=[True, False], ids=["library", "plain"])
async def served(request: pytest.FixtureRequest, backend: PosixBackend, compiled: Glance) -> PosixBackend:
    """A backend with the library, and one without it."""
    backend.tree.entering = entering(backend.tree, compiled if request.param else Glance(NOWHERE))
    return backend


async def put(backend: PosixBackend, key: str, data: bytes, **more: str) -> None:
    """Write an object."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": key, "Body": BytesBody(data), **more})


async def test_keys_come_are_replaced_and_go(served: PosixBackend, root: Path) -> None:
    """At the top and below directories that are there or not; no descriptor stays open."""
    await put(served, "first", b"")
    before = os.listdir("/proc/self/fd")
    for key in ("new", "a/new", "a/newer", "a/é"):
        for data in (b"one", b"other"):
            await put(served, key, data)
            assert (root / "bucket" / key).read_bytes() == data
    for key in ("new", "a/new", "a/newer", "a/é", "absent", "a/b/c"):
        await served.call("DeleteObject", {"Bucket": "bucket", "Key": key})
    assert sorted(os.listdir(root / "bucket")) == [".sgwtmp", "first"]
    served.tree.freeing.close()
    assert len(os.listdir("/proc/self/fd")) == len(before)


async def test_what_is_refused_leaves_nothing(served: PosixBackend, root: Path) -> None:
    """Neither a changed file nor an open descriptor, nor a lock that is held."""
    await put(served, "dir/file", b"data")
    before = os.listdir("/proc/self/fd")
    for key, more in (("dir", {}), ("dir/file/below", {}), ("dir/file", {"IfNoneMatch": "*"}), ("x", {"IfMatch": "y"})):
        with pytest.raises(S3Error):
            await put(served, key, b"other", **more)
    with pytest.raises(S3Error):
        await served.call("DeleteObject", {"Bucket": "bucket", "Key": "dir/file", "IfMatch": '"other"'})
    assert (root / "bucket/dir/file").read_bytes() == b"data"
    assert len(os.listdir("/proc/self/fd")) == len(before)
    await put(served, "dir/file", b"more")


def test_a_taken_lock_is_left_to_who_can_wait(backend: PosixBackend, compiled: Glance) -> None:
    """While somebody holds it nothing is entered, and nothing appears."""
    tree, where = backend.tree, place("bucket", "key")
    with tree.locks.waited("bucket", where.path), tree.temp("bucket") as temp:
        assert entering(tree, compiled).enter(where, temp) is None
        assert os.fstat(temp.fd).st_nlink == 0


async def test_a_lock_is_held_where_more_is_to_be_done(backend: PosixBackend, compiled: Glance) -> None:
    """Of a key that is there; the file keeps being nobody's."""
    await put(backend, "key", b"data")
    tree, where = backend.tree, place("bucket", "key")
    with tree.temp("bucket") as temp:
        entered = entering(tree, compiled).enter(where, temp)
        assert entered is not None
        assert entered.lock >= 0
        assert os.fstat(temp.fd).st_nlink == 0
        assert entering(tree, compiled).enter(where) is None
        os.close(entered.lock)
        os.close(entered.directory)


@pytest.mark.parametrize("key", ["key", "a/key"])
async def test_buckets_with_versions_take_another_way(root: Path, compiled: Glance, key: str, tmp_path: Path) -> None:
    """A new key's first version has its id, whichever directory it lies in."""
    (tmp_path / "versions").mkdir()
    backend = from_options({"path": str(root), "fsync": False, "versioning_dir": str(tmp_path / "versions")})
    await backend.start()
    backend.tree.entering = entering(backend.tree, compiled)
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await put(backend, "a/other", b"")
    versioning = {"Bucket": "bucket", "VersioningConfiguration": {"Status": "Enabled"}}
    await backend.call("PutBucketVersioning", versioning)
    await put(backend, key, b"data")
    assert (await backend.call("HeadObject", {"Bucket": "bucket", "Key": key}))["VersionId"]
    await backend.close()
