"""A member that fails again and again is left alone for a while, by all workers."""

from __future__ import annotations

import asyncio
import json
import os
import time
import urllib.error
import urllib.request
from typing import Any

import pytest

import colonnade.testing
from colonnade.backends import load
from colonnade.multi import Member, Overlay, Role, breaker
from colonnade.multi.board import Board
from colonnade.multi.breaker import Breaker
from colonnade.multi.counters import REQUESTS
from tests.multi.shelf import Tower


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rests of a tenth of a second."""
    monkeypatch.setattr(breaker, "REST", 0.1)


def fail(one: Breaker, times: int) -> None:
    """So many failures in a row."""
    for _ in range(times):
        one.note(False, time.monotonic())


def test_opens_after_failures() -> None:
    """It takes several failures, and at least as many as successes."""
    one = Breaker()
    fail(one, 4)
    assert one.lets_through()
    for _ in range(9):
        one.note(True, time.monotonic())
    fail(one, 4)
    assert one.closed
    fail(one, 1)
    assert not one.lets_through()


async def test_one_trial_at_a_time() -> None:
    """After its rest one request goes through; if that succeeds all do, else it rests on."""
    one = Breaker()
    fail(one, 5)
    await asyncio.sleep(0.12)
    assert [one.lets_through() for _ in range(3)] == [True, False, False]
    fail(one, 1)
    await asyncio.sleep(0.12)
    assert not one.lets_through(), "the second rest is twice as long"
    await asyncio.sleep(0.12)
    assert one.lets_through()
    one.note(True, time.monotonic())
    assert one.closed


def test_workers_share_it() -> None:
    """What one process learnt its siblings know."""
    board = Board(2)
    first, second = board.breaker(0), board.breaker(1)
    child = os.fork()
    if not child:
        fail(first, 5)
        os._exit(0)
    os.waitpid(child, 0)
    assert (first.closed, second.closed) == (False, True)


def test_figures_of_all_workers() -> None:
    """What one process counted its siblings tell with their own, also when it is no more and its row is another's."""
    board = Board(2)
    counters = [board.counters(place) for place in range(2)]
    for _ in range(3):
        child = os.fork()
        if not child:
            row = board.join()
            for counted in counters:
                counted.join(row or 0)
            counters[1].own[REQUESTS] += 2
            os._exit(row or 0)
        assert os.waitpid(child, 0)[1] == 0, "the first row, again and again"
    mine = board.join()
    assert mine == board.join()
    counters[1].join(mine or 0)
    counters[1].own[REQUESTS] += 1
    assert [each.total(REQUESTS) for each in counters] == [0, 7]


async def test_a_dead_member_is_not_asked() -> None:
    """Reads of what it might have are 503 at once; once it is back it is asked again, unasked for."""
    tower = Tower("top", "low")
    tower.store("top", "b", other="x")
    tower.store("low", "b", k="data")
    await tower.overlay.start()
    tower.faults["low"].fault = "hang"
    codes = [await tower.code("GetObject", Bucket="b", Key="k") for _ in range(6)]
    calls = len(tower.shelves["low"].calls)
    began = asyncio.get_running_loop().time()
    codes.append(await tower.code("GetObject", Bucket="b", Key="k"))
    assert set(codes) == {"ServiceUnavailable"}
    assert asyncio.get_running_loop().time() - began < 0.1, "each of the first took the time-out of 0.2 s"
    assert len(tower.shelves["low"].calls) == calls
    tower.faults["low"].fault = ""
    async with asyncio.timeout(5):
        while not tower.members[1].breaker.closed:
            await asyncio.sleep(0.05)
    assert await tower.read("b", "k") == b"data"
    await tower.overlay.close()


def test_ready_over_http() -> None:
    """``?ready`` is 503 once the primary is left alone, and names each backend."""
    members = [Member("top", load("memory", {}), Role.PRIMARY), Member("low", load("memory", {}))]
    with colonnade.testing.server(Overlay(members), health="/health") as server:
        status, before = ready(server.url)
        assert (status, before["read"], before["write"]) == (200, True, True)
        assert [entry["state"] for entry in before["backends"]] == ["up", "up"]
        fail(members[0].breaker, 5)
        status, after = ready(server.url)
        assert (status, after["write"], after["backends"][0]["state"]) == (503, False, "down")


def ready(url: str) -> tuple[int, dict[str, Any]]:
    """The status and what was said."""
    try:
        with urllib.request.urlopen(f"{url}/health?ready") as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
