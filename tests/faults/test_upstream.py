"""Every operation through every fault: the right code in bounded time, nothing left open, nothing half there."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from colonnade import testing
from colonnade.backend import Arguments
from colonnade.backends.s3 import S3Backend, backend
from colonnade.backends.s3.settings import Settings
from colonnade.errors import S3Error
from tests.faults.operations import LARGE, OLD, OPERATIONS, SMALL, Operation, Scene
from tests.faults.proxy import Proxy, proxied
from tests.faults.table import AMPLE, BOUND, FAULTS, SOON, Fault

#: What can't be told from a HEAD, whose errors have no body, and of an object that is an error's document.
EXCEPTIONS = {
    ("503 in XML", "HeadObject"): "ServiceUnavailable",
    ("503 in XML", "HeadBucket"): "ServiceUnavailable",
    ("200 in HTML", "HeadBucket"): "",
    ("error in a 200", "HeadBucket"): "",
    ("error in a 200", "HeadObject"): "ServiceUnavailable",
    ("error in a 200", "GetObject"): "ServiceUnavailable",
}

#: The one in which something must come within a short time.
TIMED = "body in drops"

_count = itertools.count()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "BACKOFF", 0.001)


@pytest.fixture(scope="module")
def upstream() -> Iterator[testing.RunningServer]:
    """A real S3 server."""
    with testing.server() as server:
        yield server


def reaching(url: str, upstream: testing.RunningServer, **seconds: Any) -> S3Backend:
    """The backend for a server, straight or through a proxy; with ample time for whatever `seconds` doesn't name."""
    ample: dict[str, Any] = dict.fromkeys(("connect_timeout", "answer_timeout", "stall_timeout", "patience"), AMPLE)
    return S3Backend(Settings(endpoint=url, access=upstream.access, secret=upstream.secret, **{**ample, **seconds}))


@pytest.fixture
async def direct(upstream: testing.RunningServer) -> AsyncIterator[S3Backend]:
    """The upstream as it is."""
    made = reaching(upstream.url, upstream)
    await made.start()
    yield made
    await made.close()


async def told(s3: S3Backend, operation: str, arguments: Arguments) -> str:
    """What a caller is told: a code, "" if all is well, "cut" where a body broke after the head was given."""
    try:
        answer = await s3.call(operation, arguments)
    except S3Error as error:
        return error.code
    if operation != "GetObject":
        return ""
    try:
        return "" if await answer["Body"].read() == OLD else "another object"
    except S3Error:
        return "cut"
    finally:
        await answer["Body"].aclose()


def expected(name: str, operation: Operation) -> str:
    """What it should be told: what the fault says, but for what it can't do to this operation."""
    fault = FAULTS[name]
    if fault.body is not None or fault.slow_body or fault.longer:
        bodiless = operation.status == 204 or operation.name.startswith("Head")
        if bodiless or (operation.silent and not fault.longer):
            return ""
        if operation.name == "GetObject" and fault.slow_body:  # slow, but it moves
            return ""
        return "cut" if operation.name == "GetObject" else fault.code
    return EXCEPTIONS.get((name, operation.name), fault.code)


def patience(name: str, operation: Operation) -> dict[str, float]:
    """The time-outs that end this operation, short; and those that a slow object takes longer than, and may."""
    waits = FAULTS[name].waits
    if not expected(name, operation):
        return {waits: 2 * SOON} if operation.name == "GetObject" and FAULTS[name].slow_body else {}
    return {waits: SOON, "patience": SOON} if waits == "answer_timeout" else {waits: SOON} if waits else {}


async def left(direct: S3Backend, delivered: bool, operation: Operation, scene: Scene, code: str) -> str:
    """What is wrong at the upstream afterwards, "" for nothing."""
    objects = await scene.objects(direct)
    before = OLD if operation.key == "old" else None
    allowed = {operation.result} if not code else {before, operation.result} if delivered else {before}
    if objects.pop(operation.key, None) not in allowed:
        return f"{operation.key} is not as it should be"
    if operation.key != "old" and objects.pop("old") != OLD:
        return "the old object has changed"
    sizes = await scene.parts(direct)
    return "" if not objects and set(sizes) <= {len(SMALL), len(LARGE)} else f"{objects.keys()}, parts of {sizes}"


async def through(proxy: Proxy, s3: S3Backend, direct: S3Backend, fault: Fault, operation: Operation) -> str:
    """Carry one operation out through a fault, on a connection that was good before; what came of it."""
    scene = await Scene.build(direct, f"faults-{next(_count)}")
    with contextlib.suppress(S3Error):  # who gives up soon may do so here, on a busy machine
        await s3.call("HeadBucket", {"Bucket": scene.bucket})
    await proxy.use(fault)
    began = time.monotonic()
    code = await told(s3, operation.name, operation.arguments(scene))
    if time.monotonic() - began > BOUND:
        return f"{code} after {time.monotonic() - began:.1f} s"
    if not await proxy.settled():
        return f"{code}, a request left open"
    return await left(direct, proxy.delivered, operation, scene, code) or code


async def alone(upstream: testing.RunningServer, direct: S3Backend, fault: str, operation: Operation) -> str:
    """One cell of the table, with a proxy and a backend of its own, which gives up soon only what never comes."""
    async with proxied(upstream.url) as proxy:
        s3 = reaching(proxy.url, upstream, **patience(fault, operation))
        await s3.start()
        try:
            found = await through(proxy, s3, direct, FAULTS[fault], operation)
        finally:
            await s3.close()
        return found if await proxy.settled(closed=True) else "a connection left open"


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.timed if n == TIMED else ()) for n in FAULTS])
async def test_fault(name: str, upstream: testing.RunningServer, direct: S3Backend) -> None:
    """All operations at once through one fault."""
    cells = [alone(upstream, direct, name, operation) for operation in OPERATIONS.values()]
    found = dict(zip(OPERATIONS, await asyncio.gather(*cells), strict=True))
    assert found == {row: expected(name, operation) for row, operation in OPERATIONS.items()}
