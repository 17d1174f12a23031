"""Every write policy and delete policy, every kind of change, every store failing: what the client is told, what each
store holds then, and what it holds once the one that failed is well again.

The table is in ``policies.txt``, held against stores in this process and against real servers behind proxies that
break what goes through: a line for each change and failing store. A store is ``down`` (nothing reaches it) or
its answers to changes are ``lost`` (they are carried out). What the stores hold is read directly, in their order:
``-`` nothing, ``x`` a delete marker, else the object: ``old``, ``new``, ``under`` (an older one below), with ``+`` if
it has tags. What follows behind ``>`` is held in the end. With ``async`` replicas have nothing promised before that,
and the primary's object stands alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from pathlib import Path

import pytest

from colonnade import testing
from colonnade.backends.s3 import backend
from colonnade.multi import breaker, health, replicas
from tests.faults.scenes import CHANGES, SETUPS, STORES, WAYS, far, near

TABLE = Path(__file__).with_name("policies.txt")


def lines(setup: str) -> list[tuple[str, str, str]]:
    """Change, failing store and way of each line, in order."""
    asked = [(change, *cell) for change in CHANGES for cell in (("", ""), *itertools.product(STORES, WAYS))]
    # With "all" it depends on who looks first (see `line`) whether the tags are set at all.
    return [each for each in asked if not (setup.startswith("all") and each == ("tag low", "two", "lost"))]


def expected(setup: str) -> list[str]:
    """The lines of a setup as the table has them."""
    sections = TABLE.read_text().split("\n## ")[1:]
    found = {title: body.splitlines() for title, _, body in (section.partition("\n") for section in sections)}
    return [" | ".join(cell.strip() for cell in row.split("|")) for row in found.get(setup, ()) if row.strip()]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name, value in (
        (breaker, "REST", 0.05),
        (breaker, "LEAST", 10**9),
        (health, "LOOK", 0.02),
        (replicas, "LOOK", 0.05),
        (replicas, "FIRST", 0.02),
        (replicas, "LONGEST", 0.1),
        (backend, "BACKOFF", 0.001),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.mark.parametrize("setup", SETUPS)
async def test_policy(tmp_path: Path, setup: str) -> None:
    """What the client is told, what each store holds, and what it holds in the end."""
    found = await asyncio.gather(*(near(tmp_path, setup, *asked) for asked in lines(setup)))
    assert found == expected(setup)


@pytest.mark.parametrize("setup", ["all, marker", "async, all"])
async def test_over_http(tmp_path: Path, setup: str) -> None:
    """The same of real servers, whose connections break; those lines in which each does most by itself."""
    changes = ("put", "complete", "tag low", "delete", "delete many")
    asked = [each for each in lines(setup) if each[0] in changes and each[1]]
    with contextlib.ExitStack() as stack:
        servers = {name: stack.enter_context(testing.server()) for name in STORES}
        found = await asyncio.gather(*(far(servers, tmp_path, setup, *each) for each in asked))
    told = {tuple(row.split(" | ")[:2]): row for row in expected(setup)}
    assert found == [told[change, f"{store} {way}"] for change, store, way in asked]
