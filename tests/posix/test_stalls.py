"""A filesystem that stalls: who needs it is told so in time, nobody else notices, and it is used when it is back."""

from __future__ import annotations

import asyncio
import errno
import http.client
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

import colonnade.testing
from colonnade import filesystems
from colonnade.backends.posix import PosixBackend, from_options, mode
from colonnade.multi import Member, Overlay, Role
from colonnade.testing import RunningServer
from tests.cli.command import COMMAND, serving
from tests.posix.mounts import Faults, faulty

#: Seconds that nothing may move; and those in which all must go on that doesn't wait for what never moves again.
PATIENCE, BOUND, NEVER = 1.0, 30.0, 60.0

WHERE = {"Bucket": "bucket", "Key": "k"}

#: The kernel's operations that requests lead to.
ALL = (
    "LOOKUP",
    "GETATTR",
    "OPEN",
    "READ",
    "WRITE",
    "CREATE",
    "GETXATTR",
    "LISTXATTR",
    "SETXATTR",
    "OPENDIR",
    "RENAME2",
)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[tuple[Path, Faults]]:
    """A faulty filesystem."""
    with faulty(tmp_path) as found:
        yield found


@pytest.fixture
def faults(mounted: tuple[Path, Faults]) -> Faults:
    """What it does."""
    return mounted[1]


@pytest.fixture
def served(mounted: tuple[Path, Faults]) -> Iterator[RunningServer]:
    """A gateway over it, with a bucket that holds a small and a large object."""
    asyncio.run(fill(mounted[0]))
    backend = from_options({"path": str(mounted[0]), "stall_timeout": PATIENCE})
    with colonnade.testing.server(backend, health="/health") as running:
        yield running


async def fill(path: Path) -> None:
    """Put objects there, however long that takes."""
    patient = from_options({"path": str(path), "stall_timeout": NEVER})
    await patient.start()
    await patient.call("CreateBucket", {"Bucket": "bucket"})
    await patient.call("PutObject", {**WHERE, "Body": b"small"})
    await patient.call("PutObject", {"Bucket": "bucket", "Key": "large", "Body": bytes(3_000_000)})
    await patient.close()


@pytest.fixture
def client(served: RunningServer) -> Any:
    """boto3, without retries."""
    config = Config(
        retries={"total_max_attempts": 1}, max_pool_connections=50, read_timeout=BOUND, signature_version="s3v4"
    )
    return boto3.client("s3", **served.boto3, config=config)


def read(client: Any, key: str = "k") -> bytes:
    """An object of a filesystem that is back; tried again, for a busy machine is taken for one that stalls."""
    until = time.monotonic() + BOUND
    while True:
        try:
            data: bytes = client.get_object(Bucket="bucket", Key=key)["Body"].read()
        except (BotoCoreError, ClientError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return data


def code(call: Any, **arguments: Any) -> str:
    """How a call ends: S3's code, or empty."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def healthy(served: RunningServer) -> float:
    """Seconds that the health check takes."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=BOUND)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()
    return time.monotonic() - began


def test_network_filesystems_are_served_in_threads(mounted: tuple[Path, Faults], tmp_path: Path) -> None:
    """FUSE is none of the local ones, what the tests are on is."""
    assert not filesystems.is_local(str(mounted[0]))
    assert filesystems.is_local(str(tmp_path))


@pytest.mark.timed
def test_reads_that_stall(served: RunningServer, client: Any, faults: Faults) -> None:
    """Twenty readers are told 503 in time; all other requests, of the same filesystem too, are answered meanwhile."""
    faults.set("READ")
    began = time.monotonic()
    with ThreadPoolExecutor(20) as readers:
        waiting = [readers.submit(code, client.get_object, **WHERE) for _ in range(20)]
        time.sleep(0.2)
        assert healthy(served) < PATIENCE
        assert code(client.head_object, **WHERE) == ""
        assert code(client.put_object, Bucket="bucket", Key="new", Body=b"x") == ""
        assert code(client.list_objects_v2, Bucket="bucket") == ""
        assert time.monotonic() - began < PATIENCE
        assert {answer.result() for answer in waiting} == {"ServiceUnavailable"}
    assert time.monotonic() - began < BOUND
    faults.set()
    assert read(client) == b"small"


@pytest.mark.timed
def test_all_of_it_stalls(served: RunningServer, client: Any, faults: Faults) -> None:
    """Whatever is asked is answered with 503 in time, the health check at once; then all goes on."""
    faults.set(*ALL)
    with ThreadPoolExecutor(4) as asking:
        calls = (client.head_object, client.get_object, client.delete_object, client.get_object_tagging)
        waiting = [asking.submit(code, call, **WHERE) for call in calls]
        time.sleep(0.2)
        assert healthy(served) < PATIENCE
        # HEAD has no document: its code is the status.
        assert {answer.result() for answer in waiting} == {"ServiceUnavailable", "503"}
    faults.set()
    assert code(client.put_object, **WHERE, Body=b"again") == ""
    assert read(client) == b"again"


def test_a_write_that_stalls(client: Any, faults: Faults, mounted: tuple[Path, Faults]) -> None:
    """The client is told 503; once the filesystem is back nothing of it is left, and what was there still is."""
    faults.set("WRITE")
    assert code(client.put_object, **WHERE, Body=bytes(300_000)) == "ServiceUnavailable"
    faults.set()
    assert read(client) == b"small"
    until = time.monotonic() + BOUND
    while (left := [name for name in os.listdir(mounted[0] / "bucket/.sgwtmp") if "tmp." in name]) and (
        time.monotonic() < until
    ):
        time.sleep(0.02)
    assert left == []


@pytest.mark.timed
def test_a_body_that_stalls(client: Any, faults: Faults) -> None:
    """After the head is out the connection is cut: nobody takes a part for the whole."""
    body = client.get_object(Bucket="bucket", Key="large")["Body"]
    body.read(1)
    faults.set("READ")
    with pytest.raises((BotoCoreError, OSError)):
        body.read()
    faults.set()
    assert len(read(client, "large")) == 3_000_000


@pytest.mark.timed
def test_a_slow_client_is_no_stall(served: RunningServer, client: Any) -> None:
    """A body that takes its time, longer than the filesystem may, is stored."""

    class Slow:
        """Ten bytes, with a rest in the middle."""

        def __init__(self) -> None:
            self.left = [b"01234", b"56789"]

        def __iter__(self) -> Iterator[bytes]:
            yield self.left[0]
            time.sleep(1.5 * PATIENCE)
            yield self.left[1]

    url = client.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "slow"})
    connection = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=BOUND)
    connection.request("PUT", url.removeprefix(served.url), iter(Slow()), {"Content-Length": "10"})
    assert connection.getresponse().status == 200
    connection.close()
    assert read(client, "slow") == b"0123456789"


async def test_one_of_several_stalls(mounted: tuple[Path, Faults], root: Path) -> None:
    """Of two directories as one, what the other has is written and read without it."""
    path, faults = mounted
    there = from_options({"path": str(path), "stall_timeout": NEVER})
    both = Overlay(
        [
            Member("here", from_options({"path": str(root), "fsync": False}), Role.PRIMARY),
            Member("there", there, may_be_missed=True),
        ]
    )
    await both.start()
    await both.call("CreateBucket", {"Bucket": "bucket"})
    faults.set(*ALL)
    began = time.monotonic()
    for number in range(20):
        await both.call("PutObject", {**WHERE, "Body": b"%d" % number})
        assert await (await both.call("GetObject", WHERE))["Body"].read() == b"%d" % number
    assert time.monotonic() - began < BOUND
    faults.set()
    await both.close()


def _until_it_fails(client: Any) -> None:
    with suppress(BotoCoreError, ClientError):
        client.list_objects_v2(Bucket="bucket")


def test_stopping_while_it_stalls(mounted: tuple[Path, Faults]) -> None:
    """A gateway whose filesystem never answers again can be stopped all the same."""
    path, faults = mounted
    program = [COMMAND, "--print-env", "--port", "127.0.0.1:0", "--workers", "1", "--stop-timeout", "1"]
    with serving("posix", "--stall-timeout", "60", path, program=program) as running:
        client = running.client()
        client.create_bucket(Bucket="bucket")
        faults.set(*ALL)
        asking = threading.Thread(target=_until_it_fails, args=(client,))
        asking.start()
        time.sleep(0.3)
        running.process.terminate()
        assert running.process.wait(timeout=BOUND) == 0
        faults.set()  # the kernel itself doesn't let the killed worker go before
        asking.join()


def threads(backend: PosixBackend) -> bool:
    """Whether operations run in threads just now."""
    return backend._mode.in_threads


async def test_a_local_disk_that_was_slow(mounted: tuple[Path, Faults], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is served inline and held everybody up once is served in threads for a while."""
    path, faults = mounted
    monkeypatch.setattr(filesystems, "is_local", lambda _: True)
    monkeypatch.setattr(mode, "_SLOW", NEVER)
    backend = from_options({"path": str(path)})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {**WHERE, "Body": b"x"})
    assert not threads(backend)
    monkeypatch.setattr(mode, "_SLOW", 0.3)
    faults.set("GETXATTR", "LISTXATTR")
    threading.Timer(1.0, faults.set).start()
    await backend.call("HeadObject", WHERE)
    async with asyncio.timeout(BOUND):
        while not threads(backend):
            await asyncio.sleep(0.02)
    assert (await backend.call("HeadObject", WHERE))["ContentLength"] == 1
    await backend.close()


async def test_without_attributes(mounted: tuple[Path, Faults], tmp_path: Path) -> None:
    """A filesystem that keeps none is found out at the start, and served with a sidecar after that."""
    path, faults = mounted
    faults.set(SETXATTR=errno.EOPNOTSUPP, GETXATTR=errno.EOPNOTSUPP, LISTXATTR=errno.EOPNOTSUPP)
    bare = from_options({"path": str(path)})
    with pytest.raises(RuntimeError, match=r"keeps no extended attributes.*--sidecar DIR"):
        await bare.start()
    await bare.close()
    (tmp_path / "side").mkdir()
    backend = from_options({"path": str(path), "sidecar": str(tmp_path / "side")})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {**WHERE, "Body": b"x", "Metadata": {"m": "1"}})
    assert (await backend.call("HeadObject", WHERE))["Metadata"] == {"m": "1"}
    await backend.close()
