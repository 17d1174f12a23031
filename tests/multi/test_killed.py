"""Kill -9 in the middle of replication, many times: afterwards the queue empties and both stores agree."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.errors import S3Error
from colonnade.multi import Member, Overlay, Role

KEYS = [f"k{number}" for number in range(6)]


def overlay(root: Path, write: str) -> Overlay:
    """Two directories, the second a replica."""
    stores = {name: load("posix", {"path": str(root / name), "fsync": False}) for name in ("one", "two")}
    members = [Member("one", stores["one"], Role.PRIMARY), Member("two", stores["two"], Role.REPLICA)]
    return Overlay(members, write=write, queue=root / "queue.db")  # type: ignore[arg-type]  # from the command line


async def storm(root: Path, write: str) -> None:
    """Write, tag and delete for ever, a line for each key that was answered and what it holds then."""
    several = overlay(root, write)
    await several.start()
    await asyncio.gather(*(_writer(several, key) for key in KEYS))


async def _writer(several: Overlay, key: str) -> None:
    where = {"Bucket": "bucket", "Key": key}
    for count in itertools.count():
        if count % 4 == 3:
            await several.call("DeleteObject", where)
            print(key, "-", flush=True)
        else:
            body = f"{time.time_ns()}".encode() * random.choice([1, 5000])
            await several.call("PutObject", {**where, "Body": body, "Metadata": {"count": str(count)}})
            print(key, body[:19].decode(), flush=True)


async def held(store: Backend, key: str) -> tuple[bytes, dict[str, str]] | None:
    """What a store has under a key."""
    try:
        got = await store.call("GetObject", {"Bucket": "bucket", "Key": key})
    except S3Error as error:
        if error.status != 404:
            raise
        return None
    return await got["Body"].read(), got["Metadata"]


@pytest.mark.slow
@pytest.mark.parametrize("write", ["async", "all"])
async def test_both_agree_in_the_end(tmp_path: Path, write: str) -> None:
    """Four lives; nothing stays in the queue, and no marker stays behind."""
    for name in ("one/bucket", "two"):
        (tmp_path / name).mkdir(parents=True)
    for life in range(4):
        words = [sys.executable, "-m", "tests.multi.test_killed", str(tmp_path), write]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        await asyncio.sleep(random.Random(life).uniform(0.05, 0.5))
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
        process.wait()
        process.stdout.close()
    several = overlay(tmp_path, write)
    await several.start()
    assert several.replicas is not None
    async with asyncio.timeout(60):
        while await several.replicas.queue.depths():
            await asyncio.sleep(0.05)
    stores = [member.backend for member in several.layers.all]
    for key in KEYS:
        one, two = [await held(store, key) for store in stores]
        assert one == two
    await several.close()


if __name__ == "__main__":
    asyncio.run(storm(Path(sys.argv[1]), sys.argv[2]))
