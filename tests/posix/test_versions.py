"""Older versions on disk: what is judged before anything is written, and what a gateway that died has left."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.errors import S3Error
from tests.posix.test_races import WRITER

WHERE = {"Bucket": "bucket", "Key": "k"}
NULL = {**WHERE, "VersionId": "null"}


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """The directory for older versions."""
    path = tmp_path / "older"
    path.mkdir()
    return path


@pytest.fixture
async def suspended(root: Path, older: Path) -> AsyncIterator[PosixBackend]:
    """A started backend with a key whose null version is older than the current one, in a bucket that is suspended."""
    made = from_options({"path": str(root), "fsync": False, "versioning_dir": str(older)})
    await made.start()
    await made.call("CreateBucket", {"Bucket": "bucket"})
    await made.call("PutObject", {**WHERE, "Body": b"null"})
    for status in ("Enabled", "Suspended"):
        said = {"Bucket": "bucket", "VersioningConfiguration": {"Status": status}}
        await made.call("PutBucketVersioning", said)
        if status == "Enabled":
            await made.call("PutObject", {**WHERE, "Body": b"current"})
    yield made
    await made.close()


async def body(backend: PosixBackend, where: dict[str, str]) -> bytes:
    """An object's bytes."""
    return bytes(await (await backend.call("GetObject", where))["Body"].read())


async def test_versions_written_at_once_keep_their_order(suspended: PosixBackend) -> None:
    """A null version between two others stays there, though the filesystem's clock is coarser than that of ids."""
    for number in range(30):
        where, ids = {"Bucket": "bucket", "Key": f"key-{number}"}, []
        for status in ("Enabled", "Suspended", "Enabled"):
            said = {"Bucket": "bucket", "VersioningConfiguration": {"Status": status}}
            await suspended.call("PutBucketVersioning", said)
            ids.append((await suspended.call("PutObject", {**where, "Body": b"x"})).get("VersionId", "null"))
        found = await suspended.call("ListObjectVersions", {"Bucket": "bucket", "Prefix": where["Key"]})
        listed = [row["VersionId"] for row in found["Versions"] if row["Key"] == where["Key"]]
        assert listed == ids[::-1]


async def test_a_locked_null_version_stays(suspended: PosixBackend, root: Path) -> None:
    """A write that would remove it is refused, and nothing is written. Such buckets come from other gateways."""
    other = from_options({"path": str(root), "fsync": False})
    enabled = {"ObjectLockEnabled": "Enabled"}
    await other.call("PutObjectLockConfiguration", {"Bucket": "bucket", "ObjectLockConfiguration": enabled})
    await suspended.call("PutObjectLegalHold", {**NULL, "LegalHold": {"Status": "ON"}})
    before = await suspended.call("ListObjectVersions", {"Bucket": "bucket"})
    for operation in ("PutObject", "DeleteObject"):
        with pytest.raises(S3Error, match="AccessDenied"):
            await suspended.call(operation, WHERE)
    assert await suspended.call("ListObjectVersions", {"Bucket": "bucket"}) == before
    assert (await body(suspended, WHERE), await body(suspended, NULL)) == (b"current", b"null")


async def test_a_null_version_that_was_replaced(suspended: PosixBackend, older: Path, tmp_path: Path) -> None:
    """Who dies between writing a null version and removing the one before it leaves nothing that is read."""
    digest = hashlib.sha256(b"k").hexdigest()
    place = older / "bucket" / digest[:2] / digest[2:4] / digest[4:6] / digest / "null"
    shutil.copy2(place, tmp_path / "kept")
    await suspended.call("PutObject", {**WHERE, "Body": b"new"})
    shutil.copy2(tmp_path / "kept", place)
    assert await body(suspended, NULL) == b"new"
    await suspended.call("DeleteObject", NULL)
    assert await body(suspended, WHERE) == b"current"
    with pytest.raises(S3Error, match="NoSuchVersion"):
        await suspended.call("HeadObject", NULL)


async def test_a_version_under_writers_is_listed(suspended: PosixBackend, root: Path, older: Path) -> None:
    """What was there all the time is in each listing, with what is its own, whatever becomes current meanwhile."""
    said = {"Bucket": "bucket", "VersioningConfiguration": {"Status": "Enabled"}}
    await suspended.call("PutBucketVersioning", said)
    there = (await suspended.call("ListObjectVersions", {"Bucket": "bucket"}))["Versions"]
    process = subprocess.Popen([sys.executable, str(WRITER), "swing", str(root), "k", str(older)])
    try:
        begun = time.monotonic()
        different: set[str] = set()
        while len(different) < 15 or time.monotonic() < begun + 1.5:
            listing = await suspended.call("ListObjectVersions", {"Bucket": "bucket"})
            kept = {row["VersionId"]: row for row in listing["Versions"]}
            assert [kept[row["VersionId"]]["ETag"] for row in there] == [row["ETag"] for row in there]
            for row in listing["Versions"]:
                different.add(row["VersionId"])
                assert row["Size"] == 1 or row["VersionId"] in [row["VersionId"] for row in there]
    finally:
        process.kill()
        process.wait()
