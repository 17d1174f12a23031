"""Filesystems of coarse times, and of other clocks than ours: what is remembered by them is never out of date."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from colonnade import filesystems, ticks
from colonnade.backends.posix import PosixBackend, from_options
from colonnade.backends.posix.snapshots import Snapshots
from tests.posix.mounts import whole_seconds


@pytest.fixture
async def coarse(tmp_path: Path) -> AsyncIterator[PosixBackend]:
    """A started backend over such a filesystem with one empty bucket."""
    with whole_seconds(tmp_path) as path:
        backend = from_options({"path": str(path), "fsync": False})
        await backend.start()
        await backend.call("CreateBucket", {"Bucket": "bucket"})
        yield backend
        await backend.close()


async def early() -> None:
    """Wait until a second has just begun."""
    await asyncio.sleep(1.05 - time.time() % 1)


async def test_two_policies_of_one_second(coarse: PosixBackend) -> None:
    """What is remembered of a bucket by its stamp is asked for again after the second."""
    stamps = []
    await early()
    for effect in ("Allow", "Deny"):
        statement = {"Effect": effect, "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        await coarse.call("PutBucketPolicy", {"Bucket": "bucket", "Policy": policy})
        await asyncio.sleep(0.15)
        stamps.append(await coarse.stamp("bucket"))
    assert stamps[0] != stamps[1]


async def test_objects_and_tags_of_one_second(coarse: PosixBackend) -> None:
    """Reads and listings, repeated so that they remember what they can, say what is there."""
    where = {"Bucket": "bucket", "Key": "k"}
    await early()
    until = time.monotonic() + 2.5
    number = 0
    while time.monotonic() < until:
        number += 1
        body = b"x" * (number % 3)
        put = await coarse.call("PutObject", {**where, "Body": body, "Metadata": {"n": str(number)}})
        for _ in range(2):
            head = await coarse.call("HeadObject", where)
            (line,) = (await coarse.call("ListObjectsV2", {"Bucket": "bucket"}))["Contents"]
            assert (head["Metadata"]["n"], head["ETag"], line["ETag"]) == (str(number), put["ETag"], put["ETag"])
            assert head["ContentLength"] == line["Size"] == len(body)
        tags = {"TagSet": [{"Key": "n", "Value": str(number)}]}
        await coarse.call("PutObjectTagging", {**where, "Tagging": tags})
        assert (await coarse.call("GetObjectTagging", where))["TagSet"] == tags["TagSet"]
        await asyncio.sleep(0.03 if number % 8 else 0.3)


async def test_keys_that_come_and_go_in_one_second(coarse: PosixBackend) -> None:
    """Listings, with a delimiter and without, repeated so that they remember what they can, show what is there."""
    await early()
    until = time.monotonic() + 2.5
    number = 0
    while time.monotonic() < until:
        number += 1
        where = {"Bucket": "bucket", "Key": f"d{number % 5}/{number}"}
        for operation, there in (("PutObject", True), ("DeleteObject", False)):
            await coarse.call(operation, where)
            for _ in range(2):
                flat = await coarse.call("ListObjectsV2", {"Bucket": "bucket"})
                rolled = await coarse.call("ListObjectsV2", {"Bucket": "bucket", "Delimiter": "/"})
                assert (len(flat.get("Contents", [])), len(rolled.get("CommonPrefixes", []))) == (there, there)
        await asyncio.sleep(0.03 if number % 8 else 0.3)


@pytest.mark.parametrize("local", [True, False], ids=["ours", "file server"])
@pytest.mark.parametrize(("then", "tick"), [(1_700_000_000_123_000_000, 0.1), (1_700_000_000_000_000_000, 2.5)])
def test_when_a_time_has_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, local: bool, then: int, tick: float
) -> None:
    """After its clock's tick, and two seconds more where that may lag behind ours."""
    monkeypatch.setattr(ticks, "_OURS", set())
    monkeypatch.setattr(filesystems, "is_local", lambda _: local)
    ticks.learn(str(tmp_path))
    device, waits = os.stat(tmp_path).st_dev, int((tick if local else tick + 2) * 1e9)
    assert [ticks.settled(device, then, then + waits + more) for more in (0, 1)] == [False, True]


def test_a_file_server_whose_clock_lags_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it dates a second back has just changed, and may change again with the same date."""
    monkeypatch.setattr(ticks, "_OURS", set())
    kept = Snapshots()
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 1_000_000_000)
    (tmp_path / "a").touch()
    time.sleep(0.15)
    assert kept.get(str(tmp_path)) is not kept.get(str(tmp_path))
