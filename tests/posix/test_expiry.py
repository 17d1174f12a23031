"""Abandoned uploads go; what somebody writes to stays."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.backends.posix import PosixBackend, completions, from_options, uploads
from colonnade.backends.posix.expiry import look
from colonnade.backends.posix.tree import Tree
from colonnade.body import StreamBody
from colonnade.errors import S3Error
from tests.posix.observed import until

WHERE = {"Bucket": "bucket", "Key": "k"}
HOUR = 3600.0


async def begin(backend: Backend, key: str = "k") -> dict[str, Any]:
    """An upload with one part."""
    where = {"Bucket": "bucket", "Key": key}
    upload = {**where, "UploadId": (await backend.call("CreateMultipartUpload", where))["UploadId"]}
    await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"data"})
    return upload


async def under_way(backend: Backend) -> list[str]:
    """The uploads of the bucket, by their keys."""
    answer = await backend.call("ListMultipartUploads", {"Bucket": "bucket"})
    return [row["Key"] for row in answer.get("Uploads", ())]


def age(backend: PosixBackend, upload: dict[str, Any]) -> Path:
    """Make an upload two hours old; its directory."""
    directory = next(Path(backend.tree.root.path).glob(f"bucket/.sgwtmp/multipart/*/{upload['UploadId']}"))
    os.utime(directory, (time.time() - 2 * HOUR,) * 2)
    return directory


async def until_gone(backend: Backend) -> None:
    """Wait until no upload is left."""
    late = time.monotonic() + 20
    while await under_way(backend) and time.monotonic() < late:
        await asyncio.sleep(0.05)
    assert await under_way(backend) == []


def look_now(backend: PosixBackend, pause: float = 0) -> None:
    """One look for what is older than an hour."""
    look(backend.tree, HOUR, pause, threading.Event())


async def test_an_old_one_goes_and_a_young_one_stays(backend: PosixBackend, root: Path) -> None:
    """By the time of their last part; nothing of the old one is left."""
    directory = age(backend, await begin(backend, "old"))
    young = age(backend, await begin(backend, "young"))
    other = await begin(backend, "other")
    await backend.call("UploadPart", {**other, "PartNumber": 2, "Body": b"data"})
    os.utime(young)
    look_now(backend)
    assert await under_way(backend) == ["other", "young"]
    assert not directory.parent.exists()
    assert not list((root / "bucket/.sgwtmp").glob("colonnade.[gt]*"))


async def test_a_part_that_comes_in_keeps_it(backend: PosixBackend) -> None:
    """However old the upload is and however long the part takes."""
    upload, told, more = await begin(backend), asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"first "
        told.set()
        await more.wait()
        yield b"second"

    part = {**upload, "PartNumber": 2, "Body": StreamBody(slow(), 12)}
    writing = asyncio.create_task(backend.call("UploadPart", part))
    await told.wait()
    age(backend, upload)
    look_now(backend)
    more.set()
    await writing
    assert len((await backend.call("ListParts", upload))["Parts"]) == 2
    age(backend, upload)
    look_now(backend)
    assert await under_way(backend) == []


async def test_completing_and_expiring_at_once(backend: PosixBackend) -> None:
    """Either the upload became the object or it expired; never both, never half of it."""
    for turn in range(30):
        upload = await begin(backend, f"k{turn}")
        age(backend, upload)
        etag = (await backend.call("ListParts", upload))["Parts"][0]["ETag"]
        complete = {**upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}
        done, _ = await asyncio.gather(
            backend.call("CompleteMultipartUpload", complete),
            asyncio.to_thread(look_now, backend),
            return_exceptions=True,
        )
        listed = (await backend.call("ListObjectsV2", {"Bucket": "bucket", "Prefix": upload["Key"]})).get("KeyCount")
        assert listed == (0 if isinstance(done, BaseException) else 1)
        await backend.call("DeleteObject", {"Bucket": "bucket", "Key": upload["Key"]})
        assert await under_way(backend) == []


async def test_one_of_many_looks(backend: PosixBackend) -> None:
    """Who comes within the pause after another has looked leaves the bucket alone."""
    look_now(backend)
    age(backend, await begin(backend))
    look_now(backend)
    age(backend, await begin(backend, "second"))
    look_now(backend, HOUR)
    assert await under_way(backend) == ["second"]


async def test_many_look_at_once(backend: PosixBackend) -> None:
    """Gateways beside each other remove what is old once, and none of them stumbles."""
    for number in range(20):
        age(backend, await begin(backend, f"k{number}"))
    await asyncio.gather(*(asyncio.to_thread(look_now, backend) for _ in range(6)))
    look_now(backend)
    assert await under_way(backend) == []


@pytest.mark.timed
@pytest.mark.parametrize("kind", ["posix", "memory"])
async def test_it_happens_by_itself(root: Path, kind: str) -> None:
    """A gateway with an age of one second clears what is older, and only that."""
    options = {"path": str(root), "fsync": False} if kind == "posix" else {}
    backend = load(kind, {**options, "expire_uploads": 1})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await begin(backend)
    assert await under_way(backend) == ["k"]
    await until_gone(backend)
    await backend.close()


async def test_unless_told_uploads_stay(root: Path) -> None:
    """Without an age nothing looks."""
    backend = from_options({"path": str(root), "fsync": False})
    await backend.start()
    assert not any("tasks.py" in repr(task) for task in asyncio.all_tasks())
    await backend.close()


async def test_a_look_that_fails_is_not_the_last(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong is told once, and what is old goes once it is well again."""
    backend = from_options({"path": str(root), "fsync": False, "expire_uploads": 1})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await begin(backend)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "hide", failing := Mock(side_effect=ZeroDivisionError("of course")))
        await until(lambda: failing.call_count > 3)
    told = [record for record in caplog.records if record.message.startswith("looking for abandoned uploads failed")]
    assert len(told) == 1
    assert "ZeroDivisionError: of course" in caplog.text
    await until_gone(backend)
    await backend.close()


async def test_a_lock_file_that_says_nonsense(backend: PosixBackend, root: Path) -> None:
    """Is taken for one that says nothing, and says then when somebody looked."""
    age(backend, await begin(backend))
    file = root / "bucket/.sgwtmp/colonnade.locks/expiry"
    file.write_text("nonsense that is longer than a moment")
    look_now(backend, HOUR)
    assert await under_way(backend) == []
    assert abs(float(file.read_text()) - time.time()) < HOUR


async def test_one_bucket_that_fails_keeps_no_other(backend: PosixBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are looked through all the same, and the cause is told at the end."""
    await backend.call("CreateBucket", {"Bucket": "a-bucket"})
    await backend.call("CreateMultipartUpload", {"Bucket": "a-bucket", "Key": "k"})
    age(backend, await begin(backend))
    recover = completions.recover

    def failing(tree: Tree, bucket: str) -> None:
        if bucket == "a-bucket":
            raise S3Error("AccessDenied")
        recover(tree, bucket)

    monkeypatch.setattr(completions, "recover", failing)
    with pytest.raises(ExceptionGroup, match="in a-bucket"):
        look_now(backend)
    assert await under_way(backend) == []
