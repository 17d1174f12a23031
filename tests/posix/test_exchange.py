"""Replacing files without fsync: they change places, in one step, and nothing is left behind."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend, exchange, from_options, start, temp
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.options import parse
from colonnade.backends.posix.tree import Tree
from colonnade.body import BytesBody
from colonnade.errors import S3Error

WHERE = {"Bucket": "bucket", "Key": "d/k"}


@pytest.fixture(params=["exchange", "rename"])
async def backend(
    request: pytest.FixtureRequest, root: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PosixBackend]:
    """A started backend that does not flush, with a bucket; also where files can't change places."""
    if request.param == "rename":
        monkeypatch.setattr(exchange, "_renameat2", None)
    made = from_options({"path": str(root), "fsync": False})
    await made.start()
    await made.call("CreateBucket", {"Bucket": "bucket"})
    yield made
    await made.close()


async def put(backend: PosixBackend, content: bytes) -> None:
    """Write the key."""
    await backend.call("PutObject", {**WHERE, "Body": BytesBody(content)})


async def test_the_new_one_is_there_and_no_other(backend: PosixBackend, root: Path) -> None:
    """Neither under its name nor in the work area."""
    for content in (b"first", b"second", b"third"):
        await put(backend, content)
    assert (root / "bucket/d/k").read_bytes() == b"third"
    assert [path.name for path in (root / "bucket/.sgwtmp").iterdir()] == ["colonnade.locks"]


async def test_there_is_one_at_every_moment(backend: PosixBackend, root: Path) -> None:
    """Whoever looks while it is replaced again and again finds one of them, whole."""
    await put(backend, b"0" * 100)
    sizes: Counter[int] = Counter()
    done, missing = threading.Event(), []

    def look() -> None:
        while not done.is_set():
            try:
                sizes[os.stat(root / "bucket/d/k").st_size] += 1
            except OSError as error:
                missing.append(error)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        until = time.monotonic() + 20
        for number in itertools.count():
            await put(backend, b"1" * (100 + number % 2))
            if (number > 400 and sizes[100] and sizes[101]) or time.monotonic() > until:
                break
    finally:
        done.set()
        looking.join()
    assert not missing
    assert set(sizes) == {100, 101}


async def test_a_start_just_then_changes_nothing(
    backend: PosixBackend, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that starts clears the old file away before we do: the new one is in its place all the same."""
    other, change = Tree(parse({"path": str(root)})), exchange.exchange

    def swept(path: str, directory: int, name: str) -> bool:
        done = change(path, directory, name)
        start.sweep(other)
        return done

    monkeypatch.setattr(exchange, "exchange", swept)
    for content in (b"first", b"second"):
        await put(backend, content)
        assert (root / "bucket/d/k").read_bytes() == content
    other.close()


async def test_a_directory_that_comes_just_then(
    backend: PosixBackend, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made by a write below the key, and emptied again: the key is written, and no error."""
    room = Tree.make_room

    def made(self: Tree, where: Where, directory: int) -> bool:
        there = room(self, where, directory)
        monkeypatch.setattr(Tree, "make_room", room)
        (root / "bucket/d/k").unlink()
        (root / "bucket/d/k").mkdir()
        return there

    await put(backend, b"first")
    monkeypatch.setattr(Tree, "make_room", made)
    await put(backend, b"second")
    assert (root / "bucket/d/k").read_bytes() == b"second"


def test_a_key_and_those_below_it_at_once(root: Path) -> None:
    """Two gateways, one that puts `d` and one that puts `d/x`: what was put is there until it is deleted."""
    failed: list[str] = []

    async def work(key: str) -> None:
        gateway = from_options({"path": str(root), "fsync": False})
        await gateway.start()
        where = {"Bucket": "bucket", "Key": key}
        for _ in range(400):
            try:
                await gateway.call("PutObject", {**where, "Body": BytesBody(b"x")})
            except S3Error as error:
                if error.code not in ("ObjectParentIsFile", "ExistingObjectIsDirectory"):
                    failed.append(f"{key}: {error.code}")
                continue
            try:
                await gateway.call("HeadObject", where)
            except S3Error as error:
                failed.append(f"{key}: {error.code} after its PUT")
            await gateway.call("DeleteObject", where)
        await gateway.close()

    (root / "bucket").mkdir()
    threads = [threading.Thread(target=asyncio.run, args=(work(key),)) for key in ("d", "d/x")]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert failed == []
    assert {path.name for path in (root / "bucket/.sgwtmp").iterdir()} <= {"colonnade.locks"}


@pytest.mark.parametrize(("fsync", "changed"), [(False, True), (True, False)])
async def test_only_what_is_not_flushed_changes_places(
    root: Path, monkeypatch: pytest.MonkeyPatch, fsync: bool, changed: bool
) -> None:
    """What is flushed is renamed, for then ext4 has nothing to write."""
    asked, change = [], exchange.exchange

    def record(path: str, directory: int, name: str) -> bool:
        asked.append(name)
        return change(path, directory, name)

    monkeypatch.setattr(exchange, "exchange", record)
    backend = from_options({"path": str(root), "fsync": fsync})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    for content in (b"first", b"second"):
        await put(backend, content)
    await backend.close()
    assert bool(asked) == changed


async def test_a_directory_that_was_made_meanwhile_stays(
    backend: PosixBackend, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is in it, at its place, at every moment."""

    def never(*_: object) -> bool:
        raise AssertionError("a directory was moved")

    monkeypatch.setattr(exchange, "exchange", never)
    (root / "bucket/d/k").mkdir(parents=True)
    (root / "bucket/d/k/other").write_bytes(b"x")
    directory = os.open(root / "bucket/d", os.O_RDONLY)
    with pytest.raises(IsADirectoryError), backend.tree.temp("bucket") as written:
        written.move(directory, "k")
    os.close(directory)
    assert (root / "bucket/d/k/other").read_bytes() == b"x"
    assert [path.name for path in (root / "bucket/.sgwtmp").iterdir() if path.name.startswith(temp.PREFIX)] == []
