"""Each kind of wait has its own time-out, for every kind of read, and the next store answers when it is over."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest

from colonnade import testing
from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.config import options, values
from colonnade.config.build import build
from colonnade.config.files import BackendConfig
from colonnade.errors import S3Error
from tests.faults.proxy import proxied
from tests.faults.table import AMPLE, BOUND, SOON, Fault, Then

DATA = b"data" * 50_000
OBJECT = {"Bucket": "bucket", "Key": "key"}

#: Every time-out but the one in question is ample, so that nothing but this one can end a wait within the bound.
WAITS: dict[str, Any] = dict.fromkeys(("connect_timeout", "answer_timeout", "stall_timeout"), AMPLE)

READS: dict[str, tuple[str, dict[str, Any]]] = {
    "object": ("GetObject", OBJECT),
    "range": ("GetObject", {**OBJECT, "Range": "bytes=100-"}),
    "part": ("GetObject", {**OBJECT, "PartNumber": 1}),
    "head": ("HeadObject", OBJECT),
    "attributes": ("GetObjectAttributes", {**OBJECT, "ObjectAttributes": ["ETag"]}),
    "tags": ("GetObjectTagging", OBJECT),
    "bucket": ("HeadBucket", {"Bucket": "bucket"}),
}
BODIES = ("object", "range", "part")
FAULTS = {
    "nothing of the answer": (Fault(up=1, then=Then.STALL), "answer_timeout"),
    "half a head": (Fault(down=40, then=Then.STALL), "answer_timeout"),
    "no byte of the body": (Fault(body=0, then=Then.STALL), "answer_timeout"),
    "few bytes of the body": (Fault(body=20, then=Then.STALL), "stall_timeout"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[testing.RunningServer]:
    """A real S3 server; both members are this one, reached in two ways."""
    backend = load("memory", {})
    asyncio.run(_fill(backend))
    with testing.server(backend) as running:
        yield running


async def _fill(backend: Backend) -> None:
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {**OBJECT, "Body": DATA})


@contextlib.asynccontextmanager
async def overlay(server: testing.RunningServer, upper: str, name: str) -> AsyncIterator[Backend]:
    """Two members as a configuration file makes them, the upper one reached at another URL, its time-out short."""
    keys = {"access": server.access, "secret": server.secret, "use_path_style": True}
    entries = [
        BackendConfig("upper", "s3", "primary", "upper", {**keys, "endpoint": upper}, **{**WAITS, name: SOON}),
        BackendConfig("lower", "s3", "fallback", "lower", {**keys, "endpoint": server.url}, **WAITS),
    ]
    made = build(entries, values.resolve(options.OVERLAY, {}, {}), {}, None)
    await made.start()
    try:
        yield made
    finally:
        await made.close()


async def seconds(server: testing.RunningServer, upper: str, name: str, read: str) -> float:
    """How long a read takes that the upper member does not answer well; it is answered all the same."""
    operation, arguments = READS[read]
    async with overlay(server, upper, name) as made:
        began = time.monotonic()
        answer = await made.call(operation, arguments)
        if "Body" in answer:
            assert await answer["Body"].read() == DATA[100 if read == "range" else 0 :]
        return time.monotonic() - began


async def given_up(server: testing.RunningServer, upper: str, name: str, reads: Iterable[str]) -> None:
    """All of them wait as long as the time-out says, and for nothing else."""
    took = await asyncio.gather(*(seconds(server, upper, name, read) for read in reads))
    assert [SOON * 0.95 < each < BOUND for each in took] == [True] * len(took), took


@pytest.mark.parametrize("fault", FAULTS)
async def test_waiting_for(server: testing.RunningServer, fault: str) -> None:
    """An answer that doesn't begin, and a body that doesn't go on."""
    broken, name = FAULTS[fault]
    async with proxied(server.url) as proxy:
        await proxy.use(broken)
        reads = BODIES if broken.body is not None else READS
        await given_up(server, proxy.url, name, reads)


async def test_connecting(server: testing.RunningServer) -> None:
    """A host that takes no connection."""
    with contextlib.ExitStack() as stack:
        deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):  # what the kernel still takes for it
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(deaf.getsockname())
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        await given_up(server, url, "connect_timeout", READS)


async def test_listings_wait_no_longer(server: testing.RunningServer) -> None:
    """A listing that lacks a layer is 503, as soon as it is clear that it will lack it."""
    fault, name = FAULTS["half a head"]
    async with proxied(server.url) as proxy, overlay(server, proxy.url, name) as made:
        await proxy.use(fault)
        for operation in ("ListObjects", "ListObjectsV2", "ListObjectVersions"):
            began = time.monotonic()
            with pytest.raises(S3Error, match="ServiceUnavailable"):
                await made.call(operation, {"Bucket": "bucket"})
            assert time.monotonic() - began < BOUND
