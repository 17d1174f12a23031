"""Flushing directories together."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from colonnade.backends.posix import from_options
from colonnade.backends.posix.sync import DirectorySync
from colonnade.backends.posix.threads import Threads


def descriptors() -> int:
    """How many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


async def test_flushes_are_shared(tmp_path: Path) -> None:
    """A hundred writers into one directory are all told, and every descriptor is closed."""
    threads = Threads()
    sync = DirectorySync(threads)
    before = descriptors()
    await asyncio.gather(*(sync.flush([os.open(tmp_path, os.O_RDONLY)]) for _ in range(100)))
    assert descriptors() == before
    threads.close()


async def test_durable_writes_of_many_clients(tmp_path: Path) -> None:
    """With fsync on, a hundred puts and deletes at once work and leak nothing."""
    backend = from_options({"path": str(tmp_path)})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    before = descriptors()
    where = [{"Bucket": "bucket", "Key": f"a/{number % 7}/{number}"} for number in range(100)]
    await asyncio.gather(*(backend.call("PutObject", {**one, "Body": b"x"}) for one in where))
    assert len((await backend.call("ListObjectsV2", {"Bucket": "bucket"}))["Contents"]) == 100
    await asyncio.gather(*(backend.call("DeleteObject", one) for one in where))
    assert descriptors() == before
    assert os.listdir(tmp_path / "bucket") == [".sgwtmp"]
    await backend.close()
