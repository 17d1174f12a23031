"""What removed files held is freed behind whoever removes them: soon, in bounds, and not on other machines."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from colonnade.backends.posix import freeing, from_options
from colonnade.backends.posix.freeing import Freeing
from colonnade.backends.posix.glance import Glance

BUCKET = {"Bucket": "bucket"}


def gone(root: Path) -> list[str]:
    """Files that lie nowhere any more and that this process has open."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            path = os.readlink(f"/proc/self/fd/{number}")
        except OSError:  # the one that the directory was read with
            continue
        if path.startswith(str(root)) and path.endswith(" (deleted)"):
            found.append(path)
    return found


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds. Raises TimeoutError."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that has room."""
    monkeypatch.setattr(freeing, "SCARCE_BYTES", 0)
    monkeypatch.setattr(freeing, "SCARCE", 0.0)


@pytest.fixture(params=[True, False], ids=["library", "python"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Freeing:
    """One that has begun, with the library and without."""
    if not request.param:
        monkeypatch.setattr(freeing, "Glance", lambda: Glance("/nowhere/libglance.so"))
    made = Freeing()
    made.begin()
    return made


def remove(kept: Freeing, root: Path, count: int) -> int:
    """Make and remove so many files, and tell how many are held then."""
    directory = os.open(root, os.O_RDONLY)
    for number in range(count):
        (root / str(number)).write_bytes(b"x")
        with kept.behind(directory, str(number)):
            os.unlink(str(number), dir_fd=directory)
    os.close(directory)
    return len(gone(root))


async def test_soon(kept: Freeing, root: Path) -> None:
    """Nothing has to come after for them to be freed."""
    remove(kept, root, 10)
    await until(lambda: not gone(root))
    kept.close()


def test_no_more_are_held_than_may_be(kept: Freeing, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the disk takes its time with the first, who removes more frees what is too much."""
    monkeypatch.setattr(freeing, "MOST", 5)
    monkeypatch.setattr(freeing, "_GATHER", 0.5)
    assert 1 <= remove(kept, root, 50) <= 5
    kept.close()


def test_all_are_freed_at_the_end(kept: Freeing, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To close waits for them."""
    monkeypatch.setattr(freeing, "_GATHER", 0.2)
    assert remove(kept, root, 10)
    kept.close()
    assert not gone(root)


def test_what_is_not_there_is_not_held(kept: Freeing, root: Path) -> None:
    """And the error is the caller's."""
    directory = os.open(root, os.O_RDONLY)
    with pytest.raises(FileNotFoundError), kept.behind(directory, "missing"):
        os.unlink("missing", dir_fd=directory)
    os.close(directory)
    kept.close()


def test_nothing_is_held_where_little_is_left(kept: Freeing, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who removes something from a full disk has its room at once."""
    monkeypatch.setattr(freeing, "SCARCE_BYTES", 1 << 60)
    assert not remove(kept, root, 10)
    kept.close()


@pytest.mark.parametrize(("threads", "held"), [("never", True), ("always", False)])
async def test_deleted_and_replaced_objects(
    root: Path, threads: str, held: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held for a moment on a filesystem of this machine's, never where it may be another's."""
    monkeypatch.setattr(freeing, "_GATHER", 0.3)
    backend = from_options({"path": str(root), "threads": threads})
    await backend.start()
    await backend.call("CreateBucket", BUCKET)
    for number in range(4):
        await backend.call("PutObject", {**BUCKET, "Key": f"d{number % 2}/k", "Body": b"x"})
    assert bool(gone(root)) == held
    await until(lambda: not gone(root))
    await backend.call("DeleteObject", {**BUCKET, "Key": "d0/k"})
    assert bool(gone(root)) == held
    await backend.close()
    assert not gone(root)
