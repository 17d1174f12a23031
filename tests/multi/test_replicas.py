"""Writes to several members: when they are done, and what becomes of one that did not reach all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.body import Body, StreamBody
from colonnade.errors import S3Error
from colonnade.multi import Member, Overlay, Role, breaker, health, replicas
from colonnade.multi.queue import Queue
from tests.multi.shelf import AMPLE, Faulty

WHERE = {"Bucket": "bucket", "Key": "k"}
LARGE = os.urandom(5 * 1024**2)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again soon."""
    for module, name, value in (
        (breaker, "REST", 0.05),
        (health, "LOOK", 0.02),
        (replicas, "LOOK", 0.05),
        (replicas, "FIRST", 0.02),
    ):
        monkeypatch.setattr(module, name, value)


class Set:
    """A primary and two replicas in memory, each able to fail."""

    def __init__(self, directory: Path, **policy: Any) -> None:
        self.stores: dict[str, Backend] = {name: load("memory", {}) for name in ("one", "two", "three")}
        self.faults = {name: Faulty(store) for name, store in self.stores.items()}
        roles = (Role.PRIMARY, Role.REPLICA, Role.REPLICA)
        members = [
            Member(name, fault, role, timeouts=AMPLE)
            for (name, fault), role in zip(self.faults.items(), roles, strict=True)
        ]
        self.overlay = Overlay(members, queue=directory / "queue.db", **policy)

    async def call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Ask the overlay about the one key."""
        where = {"Bucket": "bucket"} if "Bucket" in operation or operation.startswith("List") else WHERE
        return await self.overlay.call(operation, {**where, **arguments})

    async def has(self, name: str) -> bytes | None:
        """What one store has under the key."""
        try:
            got = await self.stores[name].call("GetObject", WHERE)
        except S3Error as error:
            if error.status != 404:
                raise
            return None
        data: bytes = await got["Body"].read()
        return data

    async def have(self) -> list[bytes | None]:
        """What each store has under the key."""
        return [await self.has(name) for name in self.stores]

    async def tags(self, name: str) -> list[dict[str, str]]:
        """The tags that one store has."""
        tags: list[dict[str, str]] = (await self.stores[name].call("GetObjectTagging", WHERE))["TagSet"]
        return tags


@asynccontextmanager
async def started(directory: Path, **policy: Any) -> AsyncIterator[Set]:
    """A set with its bucket."""
    several = Set(directory, **policy)
    await several.overlay.start()
    try:
        await several.call("CreateBucket")
        yield several
    finally:
        await several.overlay.close()


async def until(check: Callable[[], Awaitable[bool]]) -> None:
    """Wait for something that happens soon."""
    async with asyncio.timeout(30):
        while not await check():
            await asyncio.sleep(0.02)


async def drained(several: Set) -> bool:
    """Whether nothing is left in the queue."""
    assert several.overlay.replicas is not None
    return not await several.overlay.replicas.queue.depths()


def pieces(*data: bytes) -> Body:
    """A body that comes in pieces."""

    async def stream() -> AsyncIterator[bytes]:
        for piece in data:
            yield piece

    return StreamBody(stream(), sum(map(len, data)))


@pytest.mark.parametrize("write", ["all", "async"])
async def test_every_change_reaches_all(tmp_path: Path, write: str) -> None:
    """Bodies, tags, copies, uploads in parts and deletes."""
    async with started(tmp_path, write=write) as several:
        await several.call("PutObject", Body=pieces(b"one", b"two"), Metadata={"m": "1"})
        await several.call("PutObjectTagging", Tagging={"TagSet": [{"Key": "t", "Value": "1"}]})
        await several.call("CopyObject", Key="copy", CopySource=WHERE)
        await until(lambda: drained(several))
        assert await several.have() == [b"onetwo"] * 3
        assert await several.tags("three") == [{"Key": "t", "Value": "1"}]
        assert (await several.stores["two"].call("HeadObject", {**WHERE, "Key": "copy"}))["Metadata"] == {"m": "1"}
        await several.call("DeleteObject")
        await until(lambda: drained(several))
        assert await several.have() == [None] * 3

        async def without_marker() -> bool:
            keys = await several.stores["one"].call("ListObjectsV2", {"Bucket": "bucket"})
            return [entry["Key"] for entry in keys["Contents"]] == ["copy"]

        await until(without_marker)


@pytest.mark.parametrize("write", ["all", "async"])
async def test_uploads_in_parts(tmp_path: Path, write: str) -> None:
    """A completed upload is the same object everywhere, ETag and parts."""
    async with started(tmp_path, write=write) as several:
        upload = (await several.call("CreateMultipartUpload"))["UploadId"]
        parts = []
        for number, data in enumerate((LARGE, b"tail"), 1):
            stored = await several.call("UploadPart", UploadId=upload, PartNumber=number, Body=data)
            parts.append({"PartNumber": number, "ETag": stored["ETag"]})
        await several.call("CompleteMultipartUpload", UploadId=upload, MultipartUpload={"Parts": parts})
        await until(lambda: drained(several))
        heads = [await store.call("HeadObject", {**WHERE, "PartNumber": 2}) for store in several.stores.values()]
        assert len({head["ETag"] for head in heads}) == 1
        assert {head["PartsCount"] for head in heads} == {2}


async def test_all_is_503_until_all_have_it(tmp_path: Path) -> None:
    """A replica that is down makes it 503; the write is rolled forward, and the next is answered as ever."""
    async with started(tmp_path, write="all") as several:
        several.faults["three"].fault = "refuse"
        with pytest.raises(S3Error) as refused:
            await several.call("PutObject", Body=b"data")
        assert (refused.value.status, await several.has("two")) == (503, b"data")
        several.faults["three"].fault = ""
        await until(lambda: drained(several))
        assert await several.have() == [b"data"] * 3


async def test_async_does_not_wait(tmp_path: Path) -> None:
    """A replica that is down is not noticed by clients, and catches up with the last of several writes only."""
    async with started(tmp_path, write="async") as several:
        several.faults["two"].fault = "refuse"
        for number in range(5):
            await several.call("PutObject", Body=b"%d" % number)
        await until(lambda: _is(several, "three", b"4"))
        several.faults["two"].fault = ""
        await until(lambda: drained(several))
        assert await several.have() == [b"4"] * 3


async def _is(several: Set, name: str, data: bytes) -> bool:
    return await several.has(name) == data


@pytest.mark.parametrize("write", ["all", "async"])
async def test_writers_that_cross(tmp_path: Path, write: str) -> None:
    """However many write one key at once, all members end alike."""
    async with started(tmp_path, write=write) as several:
        for _ in range(10):
            bodies = [b"%d" % number * 1000 for number in range(8)]
            writes = [several.call("PutObject", Body=pieces(*(body[:500], body[500:]))) for body in bodies]
            await asyncio.gather(*writes, several.call("DeleteObject"), return_exceptions=True)
            await until(lambda: drained(several))
            assert len(set(await several.have())) == 1


async def test_a_body_that_breaks_is_nowhere(tmp_path: Path) -> None:
    """What the client did not send whole is stored by nobody, and the client gets its own error."""

    async def stream() -> AsyncIterator[bytes]:
        yield b"half"
        raise S3Error("IncompleteBody")

    async with started(tmp_path, write="all") as several:
        with pytest.raises(S3Error) as refused:
            await several.call("PutObject", Body=StreamBody(stream(), 8))
        await until(lambda: drained(several))
        assert (refused.value.code, await several.have()) == ("IncompleteBody", [None] * 3)


async def test_a_refused_condition_changes_nothing(tmp_path: Path) -> None:
    """Only the primary judges If-None-Match; the replicas keep what they have."""
    async with started(tmp_path, write="all") as several:
        await several.call("PutObject", Body=b"first")
        with pytest.raises(S3Error) as refused:
            await several.call("PutObject", Body=b"second", IfNoneMatch="*")
        assert (refused.value.code, await several.have()) == ("PreconditionFailed", [b"first"] * 3)


async def test_what_a_dead_process_left(tmp_path: Path) -> None:
    """An intent of a process that is no more becomes work for those that live."""
    async with started(tmp_path, write="async") as several:
        assert several.overlay.replicas is not None
        queue = several.overlay.replicas.queue
        queue.owner = "1/dead/elsewhere"
        await queue.begin("bucket", "k")
        await several.stores["one"].call("PutObject", {**WHERE, "Body": b"written, then killed"})
        queue.owner = "0"
        await until(lambda: _is(several, "three", b"written, then killed"))


async def test_a_task_that_nobody_waits_for(tmp_path: Path) -> None:
    """Whoever goes away while it is being given a task leaves it to the others."""
    queue = Queue(tmp_path / "queue.db")
    await queue.start()
    await queue.add(["two"], "bucket", "k")
    for give in (lambda: queue.take("two", "bucket", "k"), lambda: queue.claim(1)):
        asking = asyncio.ensure_future(give())
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert await queue.take("two", "bucket", "k") is not None
    await queue.close()


async def test_delete_everywhere(tmp_path: Path) -> None:
    """With ``delete = "all"`` fallbacks lose the key too; one that is down makes it 503, and loses it later."""
    stores = [load("memory", {}) for _ in range(2)]
    low = Faulty(stores[1])
    members = [Member("top", stores[0], Role.PRIMARY), Member("low", low)]
    overlay = Overlay(members, delete="all", queue=tmp_path / "queue.db")
    await overlay.start()
    for store in stores:
        await store.call("CreateBucket", {"Bucket": "bucket"})
        await store.call("PutObject", {**WHERE, "Body": b"old"})
    low.fault = "refuse"
    with pytest.raises(S3Error) as refused:
        await overlay.call("DeleteObject", WHERE)
    low.fault = ""

    async def empty() -> bool:
        pages = [await store.call("ListObjectsV2", {"Bucket": "bucket"}) for store in stores]
        return not any(page.get("Contents") for page in pages)

    await until(empty)
    await overlay.close()
    assert refused.value.status == 503


async def test_delete_in_the_primary_alone() -> None:
    """With ``delete = "primary"`` what lies below comes to light."""
    stores = [load("memory", {}) for _ in range(2)]
    overlay = Overlay([Member("top", stores[0], Role.PRIMARY), Member("low", stores[1])], delete="primary")
    for store, data in zip(stores, (b"new", b"old"), strict=True):
        await store.call("CreateBucket", {"Bucket": "bucket"})
        await store.call("PutObject", {**WHERE, "Body": data})
    await overlay.call("DeleteObject", WHERE)
    assert await (await overlay.call("GetObject", WHERE))["Body"].read() == b"old"


async def test_a_primary_whose_answer_was_lost(tmp_path: Path) -> None:
    """It may have the write: the replicas are brought in line all the same."""
    async with started(tmp_path, write="all") as several:
        primary, call = several.faults["one"], several.faults["one"].call

        async def lost(operation: str, arguments: Any) -> Any:
            answer = await call(operation, arguments)
            if operation == "PutObject":
                raise ConnectionResetError
            return answer

        primary.call = lost  # type: ignore[method-assign]
        several.faults["three"].fault = "refuse"
        with pytest.raises(S3Error):
            await several.call("PutObject", Body=b"data")
        primary.call = call  # type: ignore[method-assign]
        several.faults["three"].fault = ""
        await until(lambda: drained(several))
        assert await several.have() == [b"data"] * 3


async def test_the_last_version_goes(tmp_path: Path) -> None:
    """A replica's copy never stands for a version that was removed, nor as a version of its own; no marker stays."""
    async with started(tmp_path, write="async") as several:
        await several.call("PutBucketVersioning", VersioningConfiguration={"Status": "Enabled"})
        version = (await several.call("PutObject", Body=b"data"))["VersionId"]
        await until(lambda: drained(several))
        several.faults["two"].fault = "refuse"
        listed = (await several.overlay.call("ListObjectVersions", {"Bucket": "bucket"}))["Versions"]
        await several.call("DeleteObject", VersionId=version)
        with pytest.raises(S3Error, match="NoSuchKey"):
            await several.call("GetObject")
        several.faults["two"].fault = ""
        await until(lambda: drained(several))

        async def nothing_left() -> bool:
            left = await several.stores["one"].call("ListObjectVersions", {"Bucket": "bucket"})
            return not left.get("Versions") and not left.get("DeleteMarkers")

        await until(nothing_left)
        assert ([entry["VersionId"] for entry in listed], await several.have()) == ([version], [None] * 3)
