"""Replacing files without fsync: they change places, in one step, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend, exchange, from_options, temp
from colonnade.body import BytesBody

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
    """Whoever looks while it is replaced hundreds of times finds one of them, whole."""
    await put(backend, b"0" * 100)
    sizes: set[int] = set()

    def look() -> None:
        while not done.is_set():
            sizes.add(os.stat(root / "bucket/d/k").st_size)

    done = asyncio.Event()
    looking = asyncio.create_task(asyncio.to_thread(look))
    for number in range(400):
        await put(backend, b"1" * (100 + number % 2))
    done.set()
    await looking
    assert sizes <= {100, 101}


async def test_a_directory_that_was_made_meanwhile_stays(backend: PosixBackend, root: Path) -> None:
    """With what is in it, at its place."""
    (root / "bucket/d/k").mkdir(parents=True)
    (root / "bucket/d/k/other").write_bytes(b"x")
    directory = os.open(root / "bucket/d", os.O_RDONLY)
    with pytest.raises(IsADirectoryError), backend.tree.temp("bucket") as written:
        written.move(directory, "k")
    os.close(directory)
    assert (root / "bucket/d/k/other").read_bytes() == b"x"
    assert [path.name for path in (root / "bucket/.sgwtmp").iterdir() if path.name.startswith(temp.PREFIX)] == []
