"""Many writers at once, in many processes: conditions hold, nobody's object is lost."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.backends.posix.locks import stripe_of
from colonnade.body import StreamBody
from colonnade.errors import S3Error

WRITER = Path(__file__).with_name("writer.py")


def compete(root: Path, commands: list[list[str]]) -> list[str]:
    """What each process says, all let go at the same moment."""
    processes = [
        subprocess.Popen(
            [sys.executable, str(WRITER), command[0], str(root), *command[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate()[0].strip() for process in processes]


async def test_one_process_creates(backend: PosixBackend, root: Path) -> None:
    """Of six processes with If-None-Match: * one wins."""
    results = compete(root, [["once", "k"]] * 6)
    assert sorted(results) == ["PreconditionFailed"] * 5 + ["won"]


async def test_one_process_replaces(backend: PosixBackend, root: Path) -> None:
    """Of six processes with If-Match on the same ETag one wins."""
    put = await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"first"})
    results = compete(root, [["swap", "k", put["ETag"], f"body{number}"] for number in range(6)])
    assert sorted(results) == ["PreconditionFailed"] * 5 + ["won"]


async def test_one_of_a_hundred_creates(backend: PosixBackend, root: Path) -> None:
    """Of 100 writers over two gateways with If-None-Match: * one wins."""
    other = from_options({"path": str(root), "fsync": True})

    async def put(number: int) -> str:
        arguments = {"Bucket": "bucket", "Key": "a/k", "Body": b"%d" % number, "IfNoneMatch": "*"}
        try:
            await (backend, other)[number % 2].call("PutObject", arguments)
        except S3Error as error:
            return error.code
        return "won"

    results = await asyncio.gather(*(put(number) for number in range(100)))
    await other.close()
    assert sorted(results) == ["PreconditionFailed"] * 99 + ["won"]


async def test_puts_survive_deletes_beside_them(backend: PosixBackend, root: Path) -> None:
    """While directories come and go with their last object, no acknowledged object is lost."""
    other = from_options({"path": str(root), "fsync": False})

    async def churn(number: int) -> None:
        for _ in range(100):
            where = {"Bucket": "bucket", "Key": f"a/b/c/{number}"}
            await other.call("PutObject", {**where, "Body": b"x"})
            await other.call("HeadObject", where)
            await other.call("DeleteObject", where)

    await asyncio.gather(*(asyncio.to_thread(asyncio.run, churn(number)) for number in range(3)))
    await other.close()
    assert os.listdir(root / "bucket") == [".sgwtmp"]


async def test_a_directory_object_that_takes_the_place_of_an_emptied_one_stays(
    backend: PosixBackend, root: Path
) -> None:
    """Who has deleted the last object below judges what the name means by then."""
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "a/k", "Body": b"x"})
    held = backend.tree.locks.take("bucket", stripe_of("bucket/a"), wait=False)
    assert held is not None
    deleting = asyncio.create_task(backend.call("DeleteObject", {"Bucket": "bucket", "Key": "a/k"}))
    while (root / "bucket/a/k").exists():
        await asyncio.sleep(0.01)
    (root / "bucket/a").rmdir()  # another gateway, whose turn it is
    (root / "bucket/a").mkdir()
    os.setxattr(root / "bucket/a", "user.etag", b'"d41d8cd98f00b204e9800998ecf8427e"')
    os.close(held)
    await deleting
    await backend.call("HeadObject", {"Bucket": "bucket", "Key": "a/"})


async def test_emptied_directories_go_once_they_are_free(backend: PosixBackend, root: Path) -> None:
    """A delete waits for who looks at the directory it has left empty, so that none stays."""
    where = {"Bucket": "bucket", "Key": "a/k"}
    await backend.call("PutObject", {**where, "Body": b"x"})
    held = backend.tree.locks.take("bucket", stripe_of("bucket/a"), wait=False)
    assert held is not None
    deleting = asyncio.create_task(backend.call("DeleteObject", where))
    await asyncio.sleep(0.05)
    os.close(held)
    await deleting
    assert not (root / "bucket/a").exists()


async def test_a_put_waits_for_empty_directories_in_its_way(backend: PosixBackend, root: Path) -> None:
    """That somebody looks at one of them is no reason to refuse it."""
    (root / "bucket/a/b").mkdir(parents=True)
    held = backend.tree.locks.take("bucket", stripe_of("bucket/a/b"), wait=False)
    assert held is not None
    putting = asyncio.create_task(backend.call("PutObject", {"Bucket": "bucket", "Key": "a", "Body": b"x"}))
    await asyncio.sleep(0.05)
    os.close(held)
    await putting
    assert (root / "bucket/a").is_file()


async def test_bucket_deleted_under_a_put(backend: PosixBackend, root: Path) -> None:
    """Either the object is refused or the bucket stays: an acknowledged object is never lost."""
    other = from_options({"path": str(root), "fsync": True})
    put: Any
    delete: Any
    for _ in range(50):
        put, delete = await asyncio.gather(
            backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"x"}),
            other.call("DeleteBucket", {"Bucket": "bucket"}),
            return_exceptions=True,
        )
        there = (root / "bucket/k").exists()
        assert there == (not isinstance(put, BaseException))
        assert there == isinstance(delete, S3Error)
        if there:
            await backend.call("DeleteObject", {"Bucket": "bucket", "Key": "k"})
        else:
            await backend.call("CreateBucket", {"Bucket": "bucket"})
    await other.close()


async def test_reader_sees_one_version(backend: PosixBackend) -> None:
    """Body and ETag of a read belong together while the key is overwritten."""
    bodies = [b"a" * 400_000, b"b" * 400_000]
    etags = {}
    for body in bodies:
        put = await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": body})
        etags[put["ETag"]] = body

    async def overwrite() -> None:
        for number in range(40):
            await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": bodies[number % 2]})

    writing = asyncio.create_task(overwrite())
    while not writing.done():
        answer = await backend.call("GetObject", {"Bucket": "bucket", "Key": "k"})
        await asyncio.sleep(0)
        assert await answer["Body"].read() == etags[answer["ETag"]]
    await writing


@pytest.mark.parametrize("size", [1000, 4_000_000])
async def test_cancelled_upload_leaves_nothing(backend: PosixBackend, root: Path, size: int) -> None:
    """A client that vanishes in the middle leaves neither an object nor a file."""

    async def stream() -> AsyncIterator[bytes]:
        yield bytes(size)
        await asyncio.sleep(60)

    body = StreamBody(stream(), size * 2)
    task = asyncio.create_task(backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": body}))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert set(os.listdir(root / "bucket")) == {".sgwtmp"}
    assert set(os.listdir(root / "bucket/.sgwtmp")) <= {"colonnade.locks"}


async def test_a_line_is_of_one_object(backend: PosixBackend, root: Path) -> None:
    """Size and ETag in listings belong together, however often the key is overwritten meanwhile."""
    etags = {size: f'"{hashlib.md5(bytes(size)).hexdigest()}"' for size in range(50)}
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k"})
    process = subprocess.Popen([sys.executable, str(WRITER), "replace", str(root), "k"])
    try:
        seen: set[int] = set()
        while len(seen) < 40:
            for operation, rows in (("ListObjectsV2", "Contents"), ("ListObjectVersions", "Versions")):
                (line,) = (await backend.call(operation, {"Bucket": "bucket"}))[rows]
                seen.add(line["Size"])
                assert line["ETag"] == etags[line["Size"]]
    finally:
        process.kill()
        process.wait()
