"""Kill -9 in the middle of writes: no half object, no lost acknowledged one, nothing left behind."""

from __future__ import annotations

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.errors import S3Error

WRITER = Path(__file__).with_name("writer.py")
_spec = importlib.util.spec_from_file_location("posix_writer", WRITER)
assert _spec is not None
assert _spec.loader is not None
writer = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(writer)


def run_and_kill(root: Path, name: str, seconds: float, *older: Path) -> list[list[str]]:
    """The log of a storm of writes that was killed; its last line may be cut off."""
    words = ["versions" if older else "storm", str(root), name, *map(str, older)]
    process = subprocess.Popen([sys.executable, str(WRITER), *words], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    log = first + process.stdout.read()
    process.wait()
    process.stdout.close()
    return [line.split() for line in log.split("\n")[:-1]]


def allowed(log: list[list[str]]) -> dict[str, set[str]]:
    """What each key may hold: what was answered last, or what was begun after it; ``-`` is nothing."""
    states: dict[str, set[str]] = {}
    for what, key, seed in log:
        states[key] = {seed} if what == "done" else states.get(key, {"-"}) | {seed}
    return states


async def seed_of(backend: PosixBackend, key: str) -> str:
    """Which write a key holds, after checking that all of it is there; ``-`` for none."""
    try:
        answer = await backend.call("GetObject", {"Bucket": "bucket", "Key": key, "ChecksumMode": "ENABLED"})
    except S3Error as error:
        return "-" if error.code == "NoSuchKey" else error.code
    seed: str = answer["Metadata"]["seed"]
    assert await answer["Body"].read() == writer.body(seed)
    assert answer["ChecksumCRC64NVME"]
    return seed


@pytest.mark.slow
async def test_killed_writers(root: Path) -> None:
    """A dozen times: every key holds a whole object, the last acknowledged or the one being written."""
    (root / "bucket").mkdir()
    for turn in range(12):
        states = allowed(run_and_kill(root, f"turn{turn}", random.Random(turn).uniform(0.05, 0.4)))
        backend = from_options({"path": str(root), "fsync": False})
        await backend.start()
        for key, seeds in states.items():
            assert await seed_of(backend, key) in seeds, key
        await check_clean(backend, root / "bucket")
        await backend.close()


@pytest.mark.slow
async def test_killed_writers_of_versions(tmp_path: Path) -> None:
    """Half a dozen times: every version that was acknowledged is there, whole, and only the newest is the latest."""
    root, older = tmp_path / "data", tmp_path / "older"
    (root / "bucket").mkdir(parents=True)
    older.mkdir()
    os.setxattr(root / "bucket", "user.versioning", b"\x01")
    for turn in range(6):
        log = run_and_kill(root, f"turn{turn}", random.Random(turn).uniform(0.05, 0.4), older)
        backend = from_options({"path": str(root), "fsync": False, "versioning_dir": str(older)})
        await backend.start()
        page = await backend.call("ListObjectVersions", {"Bucket": "bucket", "Prefix": f"turn{turn}-"})
        rows = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        assert len({(row["Key"], row["VersionId"]) for row in rows}) == len(rows)
        assert [row["IsLatest"] for row in rows].count(True) == len({row["Key"] for row in rows})
        for key, version, seed in (line for line in log if len(line) == 3 and len(line[1]) == 26):
            assert (key, version) in {(row["Key"], row["VersionId"]) for row in rows}
            if seed not in ("-", log[-1][2]):
                got = await backend.call("GetObject", {"Bucket": "bucket", "Key": key, "VersionId": version})
                assert await got["Body"].read() == writer.body(seed)
        await backend.close()


async def check_clean(backend: PosixBackend, bucket: Path) -> None:
    """Nothing lies in the work area but locks, and what living objects keep there."""
    assert set(os.listdir(bucket / ".sgwtmp")) <= {"colonnade.locks", "colonnade.overflow"}
    carried = set()
    for directory, _, names in os.walk(bucket):
        for name in names:
            if identity := backend.tree.store.get(f"{directory}/{name}", "colonnade.overflow"):
                carried.add(identity.decode())
    beside = bucket / ".sgwtmp/colonnade.overflow"
    assert (set(os.listdir(beside)) if beside.exists() else set()) == carried


async def test_start_spares_living_writers(backend: PosixBackend, root: Path) -> None:
    """Another gateway that starts leaves the temporary file of a write in progress alone."""
    with backend.tree.temp("bucket", 10) as temp:
        assert temp.path is not None
        other = from_options({"path": str(root), "fsync": False})
        await other.start()
        await other.close()
        assert os.path.exists(temp.path)


async def test_start_clears_leftovers_but_no_uploads(backend: PosixBackend, root: Path) -> None:
    """A dead writer's file goes; an open upload and what another gateway just wrote stay."""
    area = root / "bucket/.sgwtmp"
    upload = await backend.call("CreateMultipartUpload", {"Bucket": "bucket", "Key": "k"})
    (area / "colonnade.tmp.0123456789abcdef").write_text("dead")
    (area / "0a1b.12345").write_text("maybe alive")
    other = from_options({"path": str(root), "fsync": False})
    await other.start()
    await other.close()
    assert {"multipart", "0a1b.12345"} == set(os.listdir(area)) - {"colonnade.locks"}
    assert await backend.call("ListParts", {"Bucket": "bucket", "Key": "k", "UploadId": upload["UploadId"]})
