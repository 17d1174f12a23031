"""Flushing directories together."""

from __future__ import annotations

import asyncio
import errno
import os
import platform
from pathlib import Path

import pytest

from colonnade import filesystems
from colonnade.backends.posix import aio, from_options
from colonnade.backends.posix.sync import Sync
from colonnade.backends.posix.threads import Threads
from tests.posix.observed import until


def descriptors() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


async def test_flushes_are_shared(tmp_path: Path) -> None:
    """A hundred writers into one directory are all told, and every descriptor is closed."""
    threads = Threads()
    sync = Sync(threads)
    before = descriptors()
    await asyncio.gather(*(sync.flush([os.open(tmp_path, os.O_RDONLY)]) for _ in range(100)))
    assert descriptors() == before
    threads.close()


@pytest.mark.parametrize("taken", ["all", "little", "none"])
async def test_durable_writes_of_many_clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: str) -> None:
    """A hundred puts and deletes at once work and leak nothing, whether the kernel takes all flushes, few or none."""
    if taken == "little":
        monkeypatch.setattr(aio, "DEPTH", 1)
    elif taken == "none":
        monkeypatch.setattr(aio, "_NUMBERS", {})
    backend = from_options({"path": str(tmp_path)})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    before = descriptors()
    where = [{"Bucket": "bucket", "Key": f"a/{number % 7}/{number}"} for number in range(100)]
    await asyncio.gather(*(backend.call("PutObject", {**one, "Body": b"x"}) for one in where))
    assert len((await backend.call("ListObjectsV2", {"Bucket": "bucket"}))["Contents"]) == 100
    await asyncio.gather(*(backend.call("DeleteObject", one) for one in where))
    assert os.listdir(tmp_path / "bucket") == [".sgwtmp"]
    await until(lambda: descriptors() == before)  # what was removed is freed some time after
    await backend.close()


@pytest.mark.parametrize("local", [True, False], ids=["local", "remote"])
@pytest.mark.parametrize("threads", ["auto", "never", "always"])
async def test_who_asks_the_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local: bool, threads: str) -> None:
    """Only on filesystems of this machine, and inline: none else is waited for when a process ends."""
    kernels: list[aio.KernelFlushes] = []

    def kernel(loop: asyncio.AbstractEventLoop) -> aio.KernelFlushes:
        kernels.append(aio.KernelFlushes(loop))
        return kernels[-1]

    monkeypatch.setattr(filesystems, "is_local", lambda _: local)
    monkeypatch.setattr("colonnade.backends.posix.sync.KernelFlushes", kernel)
    backend = from_options({"path": str(tmp_path), "threads": threads})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"x"})
    await backend.close()
    assert bool(kernels) is (local and threads != "always")


async def test_a_flush_that_fails(tmp_path: Path) -> None:
    """What can't be flushed is told to who asked, and to nobody else."""
    threads = Threads()
    sync = Sync(threads)
    sync.belong(asyncio.get_running_loop(), kernel=True)
    reading, writing = os.pipe()
    with open(tmp_path / "file", "wb") as file:
        results = await asyncio.gather(sync.files([writing]), sync.files([file.fileno()]), return_exceptions=True)
    assert isinstance(results[0], OSError)
    assert results[1] is None
    with pytest.raises(OSError, match="Invalid argument"):
        await sync.flush([reading, writing])
    sync.close()
    threads.close()


async def test_a_flush_that_nobody_waits_for(tmp_path: Path) -> None:
    """A writer that was cancelled leaves nothing behind, and the next is told as ever."""
    threads = Threads()
    sync = Sync(threads)
    sync.belong(asyncio.get_running_loop(), kernel=True)
    with open(tmp_path / "file", "wb") as file:
        for _ in range(50):
            task = asyncio.create_task(sync.files([file.fileno()]))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task])
        await sync.files([file.fileno(), file.fileno()])
    sync.close()
    threads.close()


@pytest.mark.parametrize("name", ["_WIDTH", "_NUMBERS"])
async def test_a_process_that_cant_ask_the_kernel(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """One of 32 bits has other numbers for its calls, another kernel may have none; nothing stays open."""
    wrong = {"_WIDTH": 4, "_NUMBERS": {platform.machine(): (100_000, 100_000, 100_000, 100_000)}}
    monkeypatch.setattr(aio, name, wrong[name])
    before = descriptors()
    with pytest.raises(OSError, match="not implemented"):
        aio.KernelFlushes(asyncio.get_running_loop())
    assert descriptors() == before


async def test_a_signal_while_the_kernel_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers EINTR then, where it has nothing to tell: no trouble."""
    call, loop = aio._call, asyncio.get_running_loop()
    asks = aio._NUMBERS[platform.machine()][2]
    troubles: list[object] = []

    def interrupted(number: int, *arguments: object) -> int:
        result = call(number, *arguments)
        if number == asks and result == 0:
            troubles.append("interrupted")
            raise InterruptedError(errno.EINTR, os.strerror(errno.EINTR))
        return result

    monkeypatch.setattr(aio, "DEPTH", 1)
    monkeypatch.setattr(aio, "_call", interrupted)
    loop.set_exception_handler(lambda _, trouble: troubles.append(trouble))
    kernel = aio.KernelFlushes(loop)
    with open(tmp_path / "file", "wb") as file:
        await kernel.begin(file.fileno())
    kernel.close()
    assert troubles == ["interrupted"]
