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
from colonnade.multi import Member, Overlay, Role, breaker, health, members
from colonnade.multi.board import Board
from colonnade.multi.breaker import Breaker
from colonnade.multi.counters import REQUESTS
from tests.clock import Clock
from tests.multi.shelf import AMPLE, Tower


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """One in the place of the machine's."""
    made = Clock()
    monkeypatch.setattr(breaker, "time", made)
    monkeypatch.setattr(members, "time", made)
    return made


def fail(one: Breaker, times: int, now: float | None = None) -> None:
    """So many failures in a row."""
    for _ in range(times):
        one.note(False, time.monotonic() if now is None else now)


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


def test_one_trial_at_a_time(clock: Clock) -> None:
    """After its rest one request goes through; if that succeeds all do, else it rests on."""
    one = Breaker()
    fail(one, 5, clock.monotonic())
    clock.passed += 1.2 * breaker.REST
    assert [one.lets_through() for _ in range(3)] == [True, False, False]
    fail(one, 1, clock.monotonic())
    clock.passed += 1.2 * breaker.REST
    assert not one.lets_through(), "the second rest is twice as long"
    clock.passed += 1.2 * breaker.REST
    assert one.lets_through()
    one.note(True, clock.monotonic())
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


async def test_a_dead_member_is_not_asked(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reads of what it might have are 503 at once; once it is back it is asked again, unasked for."""
    monkeypatch.setattr(health, "LOOK", 0.05)
    tower = Tower("top", "low")
    tower.store("top", "b", other="x")
    tower.store("low", "b", k="data")
    await tower.overlay.start()
    tower.faults["low"].fault = "hang"
    codes = [await tower.code("GetObject", Bucket="b", Key="k") for _ in range(6)]
    calls = len(tower.shelves["low"].calls)
    tower.members[1].timeouts = AMPLE
    async with asyncio.timeout(30):  # half of what it would take to ask
        codes.append(await tower.code("GetObject", Bucket="b", Key="k"))
    assert set(codes) == {"ServiceUnavailable"}
    assert len(tower.shelves["low"].calls) == calls
    tower.faults["low"].fault = ""
    clock.passed += 2 * breaker.REST
    async with asyncio.timeout(30):
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
