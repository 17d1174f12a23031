"""Objects that are read again, in one call: as they are read the first time."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from colonnade import ticks
from colonnade.backends.posix import PosixBackend
from colonnade.backends.posix.again import ROOM, Again
from colonnade.backends.posix.glance import Glance
from colonnade.errors import S3Error

WHERE = {"Bucket": "bucket", "Key": "a/k"}

#: Longer than any tick of the clock that a change of attributes is dated by.
TICK = 0.05


@pytest.fixture
async def quick(backend: PosixBackend, compiled: Glance, monkeypatch: pytest.MonkeyPatch) -> PosixBackend:
    """A backend that has the library and remembers what was read a tick after its last change."""
    monkeypatch.setattr(ticks, "TICK", 20_000_000)
    backend.again = Again(backend.tree, compiled)
    return backend


async def put(backend: PosixBackend, data: bytes = b"0123456789", **more: Any) -> None:
    """An object that has settled, and was read."""
    await backend.call("PutObject", {**WHERE, "Body": data, "Metadata": {"a": "b"}, **more})
    await asyncio.sleep(TICK)
    await said(backend, "GetObject")


async def said(backend: PosixBackend, operation: str, **more: Any) -> Any:
    """An answer, its body read; of a refusal its code."""
    try:
        answer = await backend.call(operation, {**WHERE, **more})
    except S3Error as error:
        return error.code
    return {**answer, "Body": await answer["Body"].read()} if "Body" in answer else answer


@pytest.mark.parametrize("operation", ["GetObject", "HeadObject"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"Range": "bytes=2-4"},
        {"Range": "bytes=20-"},
        {"PartNumber": 1},
        {"IfNoneMatch": "*"},
        {"ChecksumMode": "ENABLED"},
        {"VersionId": "null"},
    ],
)
async def test_the_same_as_the_first_time(quick: PosixBackend, operation: str, more: dict[str, Any]) -> None:
    """Whatever is asked of it."""
    await put(quick, Tagging="x=y")
    again = await said(quick, operation, **more)
    quick.again = Again(quick.tree, Glance("/none"))
    assert again == await said(quick, operation, **more)


@pytest.mark.parametrize("data", [b"", b"x", b"x" * ROOM, b"x" * (ROOM + 1)])
async def test_as_much_as_there_is_room_for(quick: PosixBackend, data: bytes) -> None:
    """And what is longer is open."""
    await put(quick, data)
    found = quick.again.find("bucket", "a/k", body=True)
    assert found is not None
    assert (found.data is None) is (found.fd >= 0) is (len(data) > ROOM)
    assert found.read(0, len(data)) == data
    found.close()
    assert (await said(quick, "GetObject"))["Body"] == data
    assert (await said(quick, "HeadObject"))["ContentLength"] == len(data)


async def test_changes_are_seen(quick: PosixBackend, root: Path) -> None:
    """Of bytes and of attributes, by whomever; and that it is gone."""
    await put(quick)
    await quick.call("PutObjectTagging", {**WHERE, "Tagging": {"TagSet": [{"Key": "k", "Value": "v"}]}})
    assert (await said(quick, "HeadObject"))["TagCount"] == 1
    await put(quick, b"more")
    assert (await said(quick, "GetObject"))["Body"] == b"more"
    await asyncio.sleep(TICK)
    (root / "bucket/a/k").write_bytes(b"another's")
    assert (await said(quick, "GetObject"))["Body"] == b"another's"
    await quick.call("DeleteObject", WHERE)
    assert await said(quick, "GetObject") == "NoSuchKey"


async def test_only_regular_files_beneath_the_directory(
    quick: PosixBackend, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No link is followed, no pipe is waited for, nothing is told of what isn't there, whatever is known."""
    await put(quick)
    plain = quick.again.find("bucket", "a/k", body=True)
    assert plain is not None
    monkeypatch.setattr(quick.tree.states, "known", lambda _: plain.state)
    (tmp_path / "secret").write_bytes(b"secret")
    (root / "bucket/out").symlink_to(tmp_path / "secret")
    (root / "bucket/up").symlink_to("../../secret")
    (root / "bucket/directory").mkdir()
    os.mkfifo(root / "bucket/pipe")
    (root / "bucket/beside").symlink_to("a/k")
    (root / "other").mkdir()
    (root / "other/k").write_bytes(b"other")
    (root / "bucket/across").symlink_to("../other/k")
    assert quick.again.find("other", "k", body=True) is not None
    for name in ("out", "up", "beside", "across", "directory", "pipe", "absent"):
        assert quick.again.find("bucket", name, body=True) is None


async def test_what_is_not_known_is_closed(quick: PosixBackend, root: Path) -> None:
    """A large file that nobody read before leaves no descriptor behind."""
    (root / "bucket/large").write_bytes(b"x" * (ROOM + 1))
    before = os.listdir("/proc/self/fd")
    assert quick.again.find("bucket", "large", body=True) is None
    assert len(os.listdir("/proc/self/fd")) == len(before)


async def test_one_thread_at_a_time(quick: PosixBackend, compiled: Glance) -> None:
    """There is one place for what the library gives: who finds it taken reads as ever."""
    await put(quick)

    def read() -> bool:
        found = quick.again.find("bucket", "a/k", body=True)
        return found is None or found.data == b"0123456789"

    async def many() -> list[bool]:
        return [await asyncio.to_thread(read) for _ in range(100)]

    assert all(all(each) for each in await asyncio.gather(*(many() for _ in range(8))))
