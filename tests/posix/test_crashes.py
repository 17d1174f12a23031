"""Killed before each single change that an operation makes to the disk: it has happened or not, and can be repeated.

A child process carries the operation out and kills itself before its n-th change; the next gateway starts, looks, and
what the client would do then ends as if nobody had died. This is done for every n there is.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.backends.posix.locks import DIRECTORY as LOCKS
from colonnade.errors import S3Error

#: What Python says it is about to do to the disk.
CHANGES = frozenset({"os.mkdir", "os.rmdir", "os.remove", "os.rename", "os.link", "os.setxattr", "os.removexattr"})

Step = Callable[[PosixBackend], Awaitable[object]]
State = dict[str, Any]


@dataclass
class Scenario:
    """What was there, what is going on when the gateway dies, and what is done once another has started."""

    before: Step
    act: Step
    then: Step | None = None
    versions: bool = False
    #: Whether what an operation that died has made may be told of in parts: nobody knows its name.
    nameless: bool = False


BUCKET = {"Bucket": "bucket"}


async def nothing(_: PosixBackend) -> None:
    """Nothing was there but the bucket."""


def put(key: str, mark: str, size: int = 3) -> Step:
    """An object with metadata and tags that say which write it is."""

    async def step(backend: PosixBackend) -> None:
        body = b"" if key.endswith("/") else mark.encode() * size
        await backend.call("PutObject", {**BUCKET, "Key": key, "Body": body, "Metadata": {"mark": mark}})

    return step


def delete(key: str) -> Step:
    """A delete."""
    return lambda backend: backend.call("DeleteObject", {**BUCKET, "Key": key})


def steps(*some: Step) -> Step:
    """One after the other."""

    async def step(backend: PosixBackend) -> None:
        for one in some:
            await one(backend)

    return step


async def begin(backend: PosixBackend) -> None:
    """An upload with what is promised of it."""
    asked = {**BUCKET, "Key": "a/k", "Metadata": {"mark": "upload"}, "ChecksumAlgorithm": "CRC32"}
    await backend.call("CreateMultipartUpload", asked)


def part(body: bytes) -> Step:
    """The same part of every upload."""

    async def step(backend: PosixBackend) -> None:
        for upload in await uploads(backend):
            asked = {"PartNumber": 1, "Body": body, "ChecksumAlgorithm": "CRC32"}
            await backend.call("UploadPart", upload | asked)

    return step


async def uploads(backend: PosixBackend) -> list[dict[str, Any]]:
    """Those under way."""
    told = await backend.call("ListMultipartUploads", BUCKET)
    return [{**BUCKET, "Key": row["Key"], "UploadId": row["UploadId"]} for row in told.get("Uploads", ())]


async def complete(backend: PosixBackend) -> None:
    """All that there are."""
    for upload in await uploads(backend):
        listed = (await backend.call("ListParts", upload)).get("Parts", ())
        parts = [{name: row[name] for name in ("PartNumber", "ETag", "ChecksumCRC32")} for row in listed]
        if parts:
            await backend.call("CompleteMultipartUpload", {**upload, "MultipartUpload": {"Parts": parts}})


async def abort(backend: PosixBackend) -> None:
    """All that there are."""
    for upload in await uploads(backend):
        await backend.call("AbortMultipartUpload", upload)


async def configure(backend: PosixBackend) -> None:
    """Give the bucket tags and a policy that nobody after it shall have."""
    await backend.call("PutBucketTagging", {**BUCKET, "Tagging": {"TagSet": [{"Key": "a", "Value": "1"}]}})
    await backend.call("PutBucketPolicy", {**BUCKET, "Policy": '{"Version":"2012-10-17","Statement":[]}'})


async def remove_bucket(backend: PosixBackend) -> None:
    """As clients do who try again."""
    with suppress(S3Error):
        await backend.call("DeleteBucket", BUCKET)


async def make_bucket(backend: PosixBackend) -> None:
    """The same."""
    with suppress(S3Error):
        await backend.call("CreateBucket", BUCKET)


async def delete_current(backend: PosixBackend) -> None:
    """The version that is current."""
    head = await backend.call("HeadObject", {**BUCKET, "Key": "a/k"})
    await backend.call("DeleteObject", {**BUCKET, "Key": "a/k", "VersionId": head["VersionId"]})


BEGUN = steps(begin, part(b"part"))


def tag(count: int) -> Step:
    """Give the object tags, which are more than attributes can hold if there are ten."""
    tags = [{"Key": f"key{number}", "Value": "v" * 250} for number in range(count)]
    where = {**BUCKET, "Key": "a/k", "Tagging": {"TagSet": tags}}
    return lambda backend: backend.call("PutObjectTagging", where)


async def put_much(backend: PosixBackend) -> None:
    """An object with more beside it than attributes can hold."""
    tags = "&".join(f"key{number}={'v' * 250}" for number in range(10))
    asked = {"Body": b"much", "Metadata": {"mark": "much", "more": "m" * 1500}, "Tagging": tags}
    await backend.call("PutObject", {**BUCKET, "Key": "a/k", **asked})


SCENARIOS = {
    "put-much": Scenario(put("a/k", "first"), put_much),
    "over-much": Scenario(put_much, put("a/k", "later")),
    "delete-much": Scenario(put_much, delete("a/k"), delete("a/k")),
    "tag": Scenario(put("a/k", "first"), tag(1)),
    "tag-much": Scenario(put_much, tag(9)),
    "tag-less": Scenario(put_much, tag(1)),
    "put": Scenario(nothing, put("a/k", "first")),
    "overwrite": Scenario(put("a/k", "first"), put("a/k", "later")),
    "overwrite-by-size": Scenario(put("a/k", "first"), put("a/k", "later", 7)),
    "delete": Scenario(put("a", "file"), delete("a"), steps(delete("a"), put("a/b", "below"))),
    "delete-below": Scenario(put("a/b/k", "file"), delete("a/b/k"), steps(delete("a/b/k"), put("a", "above"))),
    "directory": Scenario(nothing, put("a/", "first")),
    "delete-directory": Scenario(put("a/", "first"), delete("a/"), steps(delete("a/"), put("a/b", "below"))),
    "empty-directory": Scenario(steps(put("a/", "1"), put("a/b", "2")), delete("a/"), delete("a/")),
    "create-upload": Scenario(nothing, begin, abort, nameless=True),
    "part": Scenario(steps(begin, part(b"old")), part(b"new"), steps(part(b"new"), complete)),
    "complete": Scenario(BEGUN, complete, complete),
    "complete-over": Scenario(steps(put("a/k", "old"), BEGUN), complete, complete),
    "abort": Scenario(BEGUN, abort, abort),
    "delete-bucket": Scenario(configure, remove_bucket, steps(remove_bucket, make_bucket)),
    "version": Scenario(put("a/k", "first"), put("a/k", "later"), versions=True),
    "marker": Scenario(put("a/k", "first"), delete("a/k"), versions=True),
    "back": Scenario(steps(put("a/k", "1"), put("a/k", "2")), delete_current, versions=True),
}

#: Nothing is kept beside bodies, and what can be told apart is what there is.
BARE = ("put", "delete", "create-upload", "part", "abort")


class World:
    """Directories that one gateway after another serves."""

    def __init__(self, top: Path, store: str, scenario: Scenario) -> None:
        self.scenario = scenario
        self.top = top
        names = ["data", *(["side"] if store == "sidecar" else []), *(["older"] if scenario.versions else [])]
        for name in names:
            (top / name).mkdir()
        self.options: dict[str, object] = {"path": str(top / "data"), "fsync": False}
        if store == "sidecar":
            self.options["sidecar"] = str(top / "side")
        if store == "nometa":
            self.options["nometa"] = True
        if scenario.versions:
            self.options["versioning_dir"] = str(top / "older")

    def serve(self, step: Step) -> Any:
        """Start a gateway, do something with it, end it."""

        async def run() -> Any:
            backend = from_options(self.options)
            await backend.start()
            try:
                return await step(backend)
            finally:
                await backend.close()

        return asyncio.run(run())

    async def prepare(self, backend: PosixBackend) -> None:
        """What was there before."""
        await backend.call("CreateBucket", BUCKET)
        if self.scenario.versions:
            enabled = {"VersioningConfiguration": {"Status": "Enabled"}}
            await backend.call("PutBucketVersioning", BUCKET | enabled)
        await self.scenario.before(backend)

    def act(self, change: int) -> bool:
        """Carry it out in a process that dies before its n-th change to the disk; whether it did die."""
        child = os.fork()
        if not child:
            with suppress(BaseException):
                self.serve(steps(self.prepare, partial(die_before, change), self.scenario.act))
                os._exit(0)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0
        return os.WIFSIGNALED(status)

    async def end(self, backend: PosixBackend) -> tuple[State, State]:
        """What the next gateway tells, and what it tells once the client has done what it would."""
        seen = await state(backend)
        if self.scenario.then is not None:
            await self.scenario.then(backend)
        return seen, await state(backend)

    def beside(self) -> list[str]:
        """The attributes' files, whatever the uploads' ids, but for the names of keys that have none any more."""
        side = self.top / ("side" if (self.top / "side").exists() else "data/.sgwtmp")
        paths = [os.path.join(at, name) for at, _, names in os.walk(side) for name in names if name != "objname"]
        paths = [path for path in paths if not re.search("colonnade.meta/[0-9a-f]{24}$", path)]  # go after an hour
        varying = f"{re.escape(str(self.top))}|[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}|[0-9A-Z]{{26}}"
        return sorted(re.sub(varying, "*", path) for path in paths)


async def die_before(change: int, _: PosixBackend) -> None:
    """Have this process kill itself before its n-th change."""
    left = change

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event not in CHANGES and not (event == "open" and arguments[2] & os.O_CREAT):
            return
        path = arguments[0]  # or a descriptor
        if not isinstance(path, str) or not (LOCKS in path or path.isdigit()):  # one of 64 files, one like the other
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)


async def state(backend: PosixBackend) -> State:
    """All that clients see."""
    seen: State = {}
    buckets = [row["Name"] for row in (await backend.call("ListBuckets", {}))["Buckets"]]
    if "bucket" not in buckets:
        return seen
    for operation in ("GetBucketTagging", "GetBucketPolicy"):
        try:
            told = await backend.call(operation, BUCKET)
        except S3Error as error:
            told = {"": error.code}
        seen[operation] = str(told.get("TagSet") or told.get("Policy") or told)
    page = await backend.call("ListObjectVersions", BUCKET)
    for row in page.get("Versions", ()):
        where = {**BUCKET, "Key": row["Key"]} | ({"VersionId": row["VersionId"]} if row["VersionId"] != "null" else {})
        got = await backend.call("GetObject", {**where, "ChecksumMode": "ENABLED"})
        body = (await got["Body"].read())[:99]
        checksum = got.get("ChecksumCRC64NVME") or got.get("ChecksumCRC32")
        tags = str((await backend.call("GetObjectTagging", where))["TagSet"])
        seen.setdefault(row["Key"], []).append((row["IsLatest"], body, row["Size"], got["Metadata"], tags, checksum))
    seen["markers"] = [(row["Key"], row["IsLatest"]) for row in page.get("DeleteMarkers", ())]
    seen["keys"] = [row["Key"] for row in (await backend.call("ListObjectsV2", BUCKET)).get("Contents", ())]
    seen["uploads"] = [await parts_of(backend, upload) for upload in await uploads(backend)]
    return seen


async def parts_of(backend: PosixBackend, upload: dict[str, Any]) -> Any:
    """What is told of an upload."""
    told = await backend.call("ListParts", upload)
    rows = [(row["PartNumber"], row["Size"], row["ETag"], row.get("ChecksumCRC32")) for row in told.get("Parts", ())]
    return upload["Key"], told.get("ChecksumAlgorithm"), rows


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Callable[[str, Scenario], World]]:
    """Makes worlds, which go at the end."""
    made: list[str] = []

    def make(store: str, scenario: Scenario) -> World:
        quick = "/dev/shm" if store != "xattrs" and os.path.isdir("/dev/shm") else tmp_path
        made.append(tempfile.mkdtemp(dir=quick))
        return World(Path(made[-1]), store, scenario)

    yield make
    for path in made:
        shutil.rmtree(path)


CASES = [(store, name) for store in ("xattrs", "sidecar") for name in SCENARIOS] + [("nometa", name) for name in BARE]


@pytest.mark.parametrize(("store", "name"), CASES)
def test_killed_before_each_change(world: Callable[[str, Scenario], World], store: str, name: str) -> None:
    """What clients see is as before or as after it, and the same in the end, whenever the gateway died."""
    scenario = SCENARIOS[name]
    before, whole = world(store, scenario), world(store, scenario)
    before.serve(before.prepare)
    assert not whole.act(10**9)
    after, end = whole.serve(whole.end)
    possible = [before.serve(state), after]
    change, died = 0, True
    while died:
        change += 1
        dying = world(store, scenario)
        died = dying.act(change)
        seen, finally_seen = dying.serve(dying.end)
        assert scenario.nameless or seen in possible, change
        if scenario.then is not None:
            assert finally_seen == end, change
        if finally_seen == end:
            assert dying.beside() == whole.beside(), change
    assert change > 1
