"""What removed files held is freed behind whoever removes them: soon, in bounds, and not on other machines."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from colonnade.backends.posix import freeing, from_options, start
from colonnade.backends.posix.freeing import Freeing
from colonnade.backends.posix.glance import Glance
from tests.posix.observed import opened, until

BUCKET = {"Bucket": "bucket"}


def gone(root: Path) -> list[str]:
    """Files that lie nowhere any more and that this process has open."""
    return [path for path in opened() if path.startswith(str(root)) and path.endswith(" (deleted)")]


@pytest.fixture(autouse=True)
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a disk that has room."""
    monkeypatch.setattr(freeing, "SCARCE_BYTES", 0)
    monkeypatch.setattr(freeing, "SCARCE", 0.0)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """As with a disk that takes its time: nothing is freed until this is set."""
    go, close = threading.Event(), Freeing._close

    def late(self: Freeing, fds: list[int]) -> None:
        go.wait(60)
        close(self, fds)

    monkeypatch.setattr(Freeing, "_close", late)
    yield go
    go.set()


@pytest.fixture(params=[True, False], ids=["library", "python"])
def kept(request: pytest.FixtureRequest, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Freeing]:
    """One that has begun, with the library and without."""
    if not request.param:
        monkeypatch.setattr(freeing, "Glance", lambda: Glance("/nowhere/libglance.so"))
    made = Freeing()
    made.begin(root.stat().st_dev)
    yield made
    made.close()


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


def test_no_more_are_held_than_may_be(
    slow: threading.Event, kept: Freeing, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk takes its time with the first, who removes more frees what is too much."""
    monkeypatch.setattr(freeing, "MOST", 5)
    assert remove(kept, root, 50) == 5
    slow.set()


def test_all_are_freed_at_the_end(slow: threading.Event, kept: Freeing, root: Path) -> None:
    """To close waits for them."""
    assert remove(kept, root, 10) == 10
    slow.set()
    kept.close()
    assert not gone(root)


def test_who_removes_something_while_it_ends_frees_it(kept: Freeing, root: Path) -> None:
    """It is not left to a thread that is gone."""
    (root / "k").write_bytes(b"x")
    directory = os.open(root, os.O_RDONLY)
    with kept.behind(directory, "k"):
        os.unlink("k", dir_fd=directory)
        kept.close()
    os.close(directory)
    assert not gone(root)


def test_what_is_not_there_is_not_held(kept: Freeing, root: Path) -> None:
    """And the error is the caller's."""
    directory = os.open(root, os.O_RDONLY)
    with pytest.raises(FileNotFoundError), kept.behind(directory, "missing"):
        os.unlink("missing", dir_fd=directory)
    os.close(directory)


@pytest.mark.parametrize(("limit", "value"), [("SCARCE_BYTES", 1 << 60), ("SCARCE", 1.1)])
def test_nothing_is_held_where_little_is_left(
    slow: threading.Event, kept: Freeing, root: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    """Who removes something from a full disk has its room at once."""
    monkeypatch.setattr(freeing, limit, value)
    assert not remove(kept, root, 10)


def test_nothing_is_held_of_another_filesystem(slow: threading.Event, root: Path) -> None:
    """It may be another machine's."""
    kept = Freeing()
    kept.begin(root.stat().st_dev + 1)
    assert not remove(kept, root, 10)
    kept.close()


def test_a_disk_that_does_not_tell(
    slow: threading.Event, kept: Freeing, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How full it is: removing goes on all the same, and nothing is held."""

    def fails(_: int) -> None:
        raise OSError(5, "no answer")

    monkeypatch.setattr(os, "fstatvfs", fails)
    assert not remove(kept, root, 10)


@pytest.mark.parametrize(("threads", "held"), [("never", True), ("always", False)])
async def test_deleted_and_replaced_objects(slow: threading.Event, root: Path, threads: str, held: bool) -> None:
    """Held for a moment on a filesystem of this machine's, never where it may be another's."""
    backend = from_options({"path": str(root), "threads": threads})
    await backend.start()
    await backend.call("CreateBucket", BUCKET)
    for number in range(3):
        await backend.call("PutObject", {**BUCKET, "Key": f"d{number % 2}/k", "Body": b"x"})
    assert len(gone(root)) == held
    await backend.call("DeleteObject", {**BUCKET, "Key": "d0/k"})
    assert len([path for path in gone(root) if "/k" in path]) == 2 * held
    slow.set()
    await backend.close()
    await until(lambda: not gone(root))


async def test_a_start_that_failed_leaves_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is tried: no thread, no descriptor."""
    freeing_threads = [thread.name for thread in threading.enumerate()].count("colonnade-freeing")
    backend = from_options({"path": str(root)})

    def unfit(*_: object, **__: object) -> None:
        raise start.UnfitError("no")

    monkeypatch.setattr(start, "probe", unfit)
    for number in range(10):
        with pytest.raises(start.UnfitError):
            await backend.start()
        await asyncio.sleep(0)
        if number == 1:
            before = len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())
    assert (len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())) == before
    assert [thread.name for thread in threading.enumerate()].count("colonnade-freeing") <= freeing_threads
    await backend.close()
