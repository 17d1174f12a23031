"""Markers and tombstones that hide nothing go, by themselves, and never one that still hides something."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from colonnade.multi import markers
from tests.multi.shelf import Tower

LONG = "k" * 600


@pytest.fixture
def tower() -> Tower:
    """Two layers, and deletes of what the lower has."""
    tower = Tower("top", "low", tidy=0.05)
    tower.put("low", "b", {"k": b"", "kept": b"", LONG: b""})
    tower.put("low", "gone", {})
    return tower


async def deleted(tower: Tower) -> None:
    """Everything is deleted by clients; then the store below loses some of it too, but for "kept"."""
    for key in ("k", "kept", LONG):
        await tower.call("DeleteObject", Bucket="b", Key=key)
    await tower.call("DeleteBucket", Bucket="gone")
    tower.put("low", "b", {})
    for key in ("k", LONG):
        del tower.shelves["low"].buckets["b"][key]
    del tower.shelves["low"].buckets["gone"]


async def test_by_themselves(tower: Tower) -> None:
    """Without replicas too, in the background."""
    await tower.overlay.start()
    await deleted(tower)
    async with asyncio.timeout(30):
        while list(tower.shelves["top"].buckets["b"]) != [markers.name("kept")]:
            await asyncio.sleep(0.02)
        while tower.shelves["top"].buckets["colonnade-system"]:
            await asyncio.sleep(0.02)
    await tower.overlay.close()


async def test_one_worker_at_a_time(tower: Tower) -> None:
    """Whose turn it is not, leaves it to the others."""
    turn = tower.overlay.rounds.turn
    assert [turn.take(60), turn.take(60), turn.take(0)] == [True, False, True]


async def test_a_delete_that_comes_meanwhile(tower: Tower) -> None:
    """The marker of a key that is written, replicated and deleted again while we look is another one, and stays."""
    await deleted(tower)
    low = tower.faults["low"]

    async def meanwhile(operation: str, arguments: Any) -> Any:
        try:
            return await low.inner.call(operation, arguments)
        finally:
            low.call = low.inner.call  # type: ignore[method-assign]
            tower.put("low", "b", {"k": b"again"})
            await tower.call("DeleteObject", Bucket="b", Key="k")

    low.call = meanwhile  # type: ignore[method-assign]
    assert not await tower.overlay.sweep.key("b", "k")
    assert await tower.code("GetObject", Bucket="b", Key="k") == "NoSuchKey"


@pytest.mark.parametrize("fault", ["refuse", "error"])
async def test_a_layer_that_can_not_be_asked(tower: Tower, fault: str) -> None:
    """Nothing goes while it may hide something."""
    await deleted(tower)
    tower.faults["low"].fault = fault
    assert [place async for place in tower.overlay.sweep.run()] == []
