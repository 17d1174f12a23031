"""Two S3 services as one, a fault before either: 404 stays a statement about both, and nothing half is left."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from colonnade import context, testing
from colonnade.backends.s3 import S3Backend, backend
from colonnade.backends.s3.settings import Settings
from colonnade.errors import S3Error
from colonnade.multi import Member, Overlay, Role, Timeouts
from tests.faults.proxy import Proxy, proxied
from tests.faults.table import AMPLE, BOUND, FAULTS, SOON, WELL, Fault

DATA = b"data" * 50_000
OBJECTS = {"upper": ("above", "both"), "lower": ("below", "both")}

ROWS: dict[str, tuple[str, dict[str, Any]]] = {
    "GET above": ("GetObject", {"Key": "above"}),
    "GET below": ("GetObject", {"Key": "below"}),
    "GET both": ("GetObject", {"Key": "both"}),
    "GET none": ("GetObject", {"Key": "none"}),
    "HEAD below": ("HeadObject", {"Key": "below"}),
    "HEAD none": ("HeadObject", {"Key": "none"}),
    "TAGS none": ("GetObjectTagging", {"Key": "none"}),
    "LIST": ("ListObjectsV2", {}),
    "LIST versions": ("ListObjectVersions", {}),
    "PUT": ("PutObject", {"Key": "new", "Body": DATA}),
    "PUT if new": ("PutObject", {"Key": "none", "Body": DATA, "IfNoneMatch": "*"}),
    "DELETE above": ("DeleteObject", {"Key": "above"}),
    "DELETE below": ("DeleteObject", {"Key": "below"}),
    "DELETE both": ("DeleteObject", {"Key": "both"}),
}
NO = "ServiceUnavailable"
NOTHING = dict.fromkeys(ROWS, NO)
WRITES = {"PUT": "upper", "DELETE above": "upper", "DELETE below": "upper", "DELETE both": "upper"}

#: Who answers each row, or with what code nobody does: by the member that is faulty, and how the overlay is set up.
EXPECTED: dict[tuple[str, str], dict[str, str]] = {
    ("upper", "stale"): {**NOTHING, **dict.fromkeys(("GET below", "GET both", "HEAD below"), "lower; stale")},
    ("upper", "not stale"): NOTHING,
    ("lower", "stale"): {**NOTHING, **dict.fromkeys(("GET above", "GET both"), "upper"), **WRITES},
    ("lower", "may be missed"): {
        **dict.fromkeys(ROWS, "NoSuchKey"),
        **dict.fromkeys(("GET above", "GET both", "LIST", "LIST versions", "PUT if new"), "upper"),
        **WRITES,
    },
}

STRIKING = ("refused", "reset at once", "black hole", "stalls in the head", "500 in XML", "503 empty", "502 in HTML")
#: Answers as if nothing were, but not S3's.
FALSE = ("404 in HTML", "200 in HTML", "not HTTP")

_count = itertools.count()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "BACKOFF", 0.001)


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, testing.RunningServer]]:
    """Two real S3 servers."""
    with testing.server() as upper, testing.server() as lower:
        yield {"upper": upper, "lower": lower}


def patience(fault: Fault) -> Timeouts:
    """Those of a member behind a fault: only what never comes is given up soon."""
    answer = SOON if fault.waits == "answer_timeout" else AMPLE
    return Timeouts(answer, SOON if fault.waits == "stall_timeout" else AMPLE)


class Pair:
    """An overlay over two servers, a proxy before each, and a bucket that both have.

    `waits` is how long each is waited for, ample time if it says nothing.
    """

    def __init__(
        self,
        proxies: dict[str, Proxy],
        servers: dict[str, testing.RunningServer],
        setup: str,
        waits: dict[str, Timeouts],
    ) -> None:
        self.proxies = proxies
        self.bucket = f"pair-{next(_count)}"
        backends = {
            name: S3Backend(
                Settings(endpoint=proxies[name].url, access=server.access, secret=server.secret, connect_timeout=AMPLE)
            )
            for name, server in servers.items()
        }
        timeouts = {name: waits.get(name, Timeouts(AMPLE, AMPLE)) for name in servers}
        lower = Member("lower", backends["lower"], may_be_missed=setup == "may be missed", timeouts=timeouts["lower"])
        upper = Member("upper", backends["upper"], Role.PRIMARY, timeouts=timeouts["upper"])
        self.backends = backends
        self.overlay = Overlay([upper, lower], stale=setup != "not stale")

    async def fill(self) -> None:
        """Put there what OBJECTS says."""
        for name, made in self.backends.items():
            await made.call("CreateBucket", {"Bucket": self.bucket})
            for key in OBJECTS[name]:
                await made.call("PutObject", {"Bucket": self.bucket, "Key": key, "Body": DATA})

    async def told(self, row: str) -> str:
        """Who answers a row, or the code of the error; "cut" for a body that broke."""
        operation, arguments = ROWS[row]
        context.set_served_by("")
        try:
            answer = await self.overlay.call(operation, {"Bucket": self.bucket, **arguments})
        except S3Error as error:
            return error.code
        if operation == "GetObject":
            try:
                assert await answer["Body"].read() == DATA
            except (S3Error, TimeoutError):
                return "cut"
            finally:
                await answer["Body"].aclose()
        return context.served_by() or "upper"


@contextlib.asynccontextmanager
async def paired(
    servers: dict[str, testing.RunningServer], setup: str, faulty: str, fault: Fault
) -> AsyncIterator[Pair]:
    """One of its own, a fault before one of the two: nobody else's failures count against its members."""
    async with proxied(servers["upper"].url) as upper, proxied(servers["lower"].url) as lower:
        pair = Pair({"upper": upper, "lower": lower}, servers, setup, {faulty: patience(fault)})
        await pair.overlay.start()
        try:
            await pair.fill()
            await pair.proxies[faulty].use(fault)
            yield pair
        finally:
            await pair.overlay.close()


async def through(servers: dict[str, testing.RunningServer], setup: str, faulty: str, fault: str, row: str) -> str:
    """One cell of the table."""
    async with paired(servers, setup, faulty, FAULTS[fault]) as pair:
        began = time.monotonic()
        found = await pair.told(row)
        if time.monotonic() - began > BOUND:
            return f"{found} after {time.monotonic() - began:.1f} s"
        return found if await pair.proxies[faulty].settled() else f"{found}, a request left open"


@pytest.mark.parametrize(("faulty", "setup"), EXPECTED)
@pytest.mark.parametrize("fault", [*STRIKING, *FALSE])
async def test_fault(servers: dict[str, testing.RunningServer], faulty: str, setup: str, fault: str) -> None:
    """All rows at once: no 404 while one could not be asked, no shorter listing, no write that isn't there."""
    cells = [through(servers, setup, faulty, fault, row) for row in ROWS]
    found = dict(zip(ROWS, await asyncio.gather(*cells), strict=True))
    assert found == EXPECTED[faulty, setup]


@pytest.mark.parametrize("fault", ["reset in the body", "closed in the body", "stalls in the body"])
@pytest.mark.parametrize(("row", "code"), [("GET both", "upper"), ("GET above", "cut")])
async def test_body(servers: dict[str, testing.RunningServer], fault: str, row: str, code: str) -> None:
    """A body that breaks goes on from the other service if that has the very same object, else it is cut."""
    assert await through(servers, "stale", "upper", fault, row) == code


@pytest.mark.parametrize("fault", STRIKING)
async def test_deleted_meanwhile(servers: dict[str, testing.RunningServer], fault: str) -> None:
    """What was deleted while the lower service was away doesn't come back with it."""
    async with paired(servers, "stale", "lower", FAULTS[fault]) as pair:
        assert await pair.told("DELETE below") == "upper"
        if fault == "refused":
            await pair.proxies["lower"].listen()
        await pair.proxies["lower"].use(WELL)
        assert await pair.told("GET below") == "NoSuchKey"
