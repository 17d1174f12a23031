"""Clients that go away while their operation waits: no descriptor stays open, no lock is held, no upload is stuck."""

from __future__ import annotations

import asyncio
import os
import random
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, from_options, uploads
from colonnade.backends.posix.locks import STRIPES
from colonnade.backends.posix.tree import Tree
from colonnade.errors import S3Error
from tests.posix.observed import opened, until

BUCKET = {"Bucket": "bucket"}
FLEET = 6


@pytest.fixture(params=[("xattrs", "never"), ("xattrs", "always"), ("sidecar", "never")], ids="-".join)
async def backend(request: pytest.FixtureRequest, root: Path) -> AsyncIterator[PosixBackend]:
    """A started backend that flushes, inline or in threads, with a bucket without and one with versions.

    Once it has ended nothing of its is open any more.
    """
    before = descriptors()
    store, threads = request.param
    for name in ("side", "older"):
        (root.parent / name).mkdir()
    beside = {"sidecar": str(root.parent / "side")} if store == "sidecar" else {}
    made = from_options({"path": str(root), "threads": threads, "versioning_dir": str(root.parent / "older"), **beside})
    await made.start()
    for bucket in ("bucket", "versions"):
        await made.call("CreateBucket", {"Bucket": bucket})
    enabled = {"Status": "Enabled"}
    await made.call("PutBucketVersioning", {"Bucket": "versions", "VersioningConfiguration": enabled})
    yield made
    await made.close()
    await settles(before)


def descriptors() -> list[str]:
    """What this process has open, but for what its libraries do."""
    return sorted(path for path in opened() if path.startswith("/") and not path.startswith(("/dev/", "/proc/")))


async def settles(before: list[str]) -> None:
    """Wait until no more is open than there was before: what runs in threads ends later than its client.

    Less may be: what was begun earlier may have been open for a moment when that was looked at. And what is yet to be
    opened by a thread isn't seen here, but when the backend has ended.
    """
    more: list[str] = []

    def settled() -> bool:
        more[:] = (Counter(descriptors()) - Counter(before)).elements()
        return not more

    with suppress(TimeoutError):
        await until(settled)
    assert more == []


@contextmanager
def locked(backend: PosixBackend, bucket: str) -> Iterator[None]:
    """Every key of a bucket is being changed by somebody else."""
    held = [backend.tree.locks.take(bucket, stripe, wait=True) for stripe in range(STRIPES)]
    yield
    for fd in held:
        assert fd is not None
        os.close(fd)


async def cancelled(backend: PosixBackend, operation: str, arguments: list[dict[str, Any]]) -> None:
    """Begin calls while everything is locked, and cancel them before it is free again."""
    before = descriptors()
    with locked(backend, arguments[0]["Bucket"]):
        calls = [asyncio.create_task(backend.call(operation, one)) for one in arguments]
        await asyncio.sleep(0.1)
        assert not any(call.done() for call in calls), operation
        for call in calls:
            call.cancel()
        await asyncio.sleep(0.02)
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(result, asyncio.CancelledError) for result in results), results
    await settles(before)


def keys(bucket: str = "bucket") -> list[dict[str, Any]]:
    """A key in a directory of its own for each of the fleet."""
    return [{"Bucket": bucket, "Key": f"{number}/k"} for number in range(FLEET)]


@pytest.mark.parametrize("bucket", ["bucket", "versions"])
async def test_objects(backend: PosixBackend, bucket: str) -> None:
    """Those that are put, tagged, copied, deleted."""
    for where in keys(bucket):
        await backend.call("PutObject", {**where, "Body": b"x"})
    tags = {"TagSet": [{"Key": "a", "Value": "1"}]}
    await cancelled(backend, "PutObject", [{**where, "Body": b"y"} for where in keys(bucket)])
    await cancelled(backend, "PutObjectTagging", [{**where, "Tagging": tags} for where in keys(bucket)])
    copies = [{**where, "Key": where["Key"] + "2", "CopySource": where} for where in keys(bucket)]
    await cancelled(backend, "CopyObject", copies)
    await cancelled(backend, "DeleteObject", keys(bucket))
    directories = [{"Bucket": bucket, "Key": f"d{number}/"} for number in range(FLEET)]
    await cancelled(backend, "PutObject", [{**where, "Body": b""} for where in directories])
    for where in directories:
        await backend.call("PutObject", {**where, "Body": b""})
    await cancelled(backend, "DeleteObject", directories)
    await settle_all(backend)


async def settle_all(backend: PosixBackend) -> None:
    """No lock is held by anybody any more."""
    for bucket in ("bucket", "versions"):
        for stripe in range(STRIPES):
            fd = backend.tree.locks.take(bucket, stripe, wait=False)
            assert fd is not None
            os.close(fd)


async def test_versions(backend: PosixBackend) -> None:
    """One by one, the current ones."""
    puts = [await backend.call("PutObject", {**where, "Body": b"x"}) for where in keys("versions") * 2][FLEET:]
    named = [{**where, "VersionId": put["VersionId"]} for where, put in zip(keys("versions"), puts, strict=True)]
    await cancelled(backend, "DeleteObject", named)


async def test_buckets(backend: PosixBackend) -> None:
    """Their configuration, and when they go."""
    tags = {"TagSet": [{"Key": "a", "Value": "1"}]}
    await cancelled(backend, "PutBucketTagging", [{**BUCKET, "Tagging": tags}] * FLEET)
    await cancelled(backend, "DeleteBucket", [BUCKET] * FLEET)


async def test_uploads(backend: PosixBackend) -> None:
    """Parts that come in, and completions: what was not completed is as it was."""
    begun = [await backend.call("CreateMultipartUpload", where) for where in keys()]
    uploads = [{**where, "UploadId": upload["UploadId"]} for where, upload in zip(keys(), begun, strict=True)]
    parts = [{**upload, "PartNumber": 1, "Body": b"part"} for upload in uploads]
    await cancelled(backend, "UploadPart", parts)
    etags = [(await backend.call("UploadPart", part))["ETag"] for part in parts]
    named = [{"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}} for etag in etags]
    await cancelled(backend, "CompleteMultipartUpload", [one | two for one, two in zip(uploads, named, strict=True)])
    for upload, parts_of in zip(uploads, named, strict=True):
        assert len((await backend.call("ListParts", upload))["Parts"]) == 1
        await backend.call("CompleteMultipartUpload", upload | parts_of)
    others = [await backend.call("CreateMultipartUpload", where) for where in keys()]
    ended = [{**where, "UploadId": upload["UploadId"]} for where, upload in zip(keys(), others, strict=True)]
    await cancelled(backend, "AbortMultipartUpload", ended)
    area = Path(backend.tree.root.path, "bucket/.sgwtmp")
    await until(lambda: not list(area.glob("colonnade.[gt]*")))


async def test_a_completion_at_its_end(backend: PosixBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the upload is taken out of sight: the object is there, and its parts go."""
    reached, go, hide = threading.Event(), threading.Event(), uploads.hide

    def late(tree: Tree, bucket: str, path: str) -> Callable[[], None]:
        reached.set()
        go.wait(60)
        return hide(tree, bucket, path)

    upload = {**BUCKET, "Key": "k"}
    upload["UploadId"] = (await backend.call("CreateMultipartUpload", upload))["UploadId"]
    etag = (await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"part"}))["ETag"]
    monkeypatch.setattr(uploads, "hide", late)
    parts = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}
    call = asyncio.create_task(backend.call("CompleteMultipartUpload", upload | parts))
    await until(reached.is_set)
    call.cancel()
    await asyncio.sleep(0.02)
    go.set()
    assert isinstance((await asyncio.gather(call, return_exceptions=True))[0], asyncio.CancelledError)
    area = Path(backend.tree.root.path, "bucket/.sgwtmp")
    await until(lambda: not list(area.glob("colonnade.[gt]*")) and not list(area.glob("multipart/*/*")))
    assert (await backend.call("HeadObject", {**BUCKET, "Key": "k"}))["ContentLength"] == 4


async def test_at_any_moment(backend: PosixBackend) -> None:
    """Hundreds of puts and deletes of few keys, each cancelled sooner or later: the fleet leaves nothing open."""
    chance = random.Random(5)
    before = descriptors()

    async def client(number: int) -> None:
        where = {"Bucket": "bucket", "Key": f"{number % 3}/k"}
        puts = chance.random() < 0.5
        call = backend.call("PutObject", {**where, "Body": b"x"}) if puts else backend.call("DeleteObject", where)
        with suppress(S3Error, TimeoutError):
            await asyncio.wait_for(call, chance.uniform(0, 0.03))

    for _ in range(5):
        await asyncio.gather(*(client(number) for number in range(40)))
    await settles(before)
    await settle_all(backend)
