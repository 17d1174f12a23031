"""Pieces that are worked on beside their bringer."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from colonnade.backends.posix.lanes import Lane, drop
from colonnade.backends.posix.threads import Threads


@pytest.fixture
def threads() -> Iterator[Threads]:
    """Eight that work."""
    made = Threads()
    yield made
    made.close()


async def test_in_order_and_to_the_end(threads: Threads) -> None:
    """Many more lanes than threads all come to their end, each in the order of its pieces."""
    done: list[list[int]] = [[] for _ in range(50)]

    async def bring(mine: list[int]) -> None:
        lane = Lane(threads, mine.append)
        for number in range(100):
            await lane.put(number)
            if number % 30 == 0:
                await asyncio.sleep(0)
        await lane.end()

    await asyncio.gather(*map(bring, done))
    assert done == [list(range(100))] * 50


async def test_a_piece_that_fails(threads: Threads) -> None:
    """What a piece raises is raised to who brings the next or waits for the end, and no later piece is begun."""
    done = []

    def work(number: int) -> None:
        done.append(number)
        if number == 3:
            raise OSError("full")

    async def bring() -> None:
        for number in range(100):
            await lane.put(number)

    lane = Lane(threads, work)
    with pytest.raises(OSError, match="full"):
        await bring()
    with pytest.raises(OSError, match="full"):
        await lane.end()
    await drop([lane])
    assert done == [0, 1, 2, 3]


async def test_who_brings_waits(threads: Threads) -> None:
    """Nobody can bring more than a lane may hold, and what was not begun when it is dropped is not done."""
    gate, begun = threading.Event(), []

    def work(number: int) -> None:
        begun.append(number)
        gate.wait()

    async def bring() -> None:
        for number in range(100):
            await lane.put(number)
            brought.append(number)

    lane, brought = Lane(threads, work), list[int]()
    task = asyncio.create_task(bring())
    while len(brought) < 3:
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
    dropping = asyncio.create_task(drop([lane]))
    await asyncio.sleep(0.01)
    assert not dropping.done()
    gate.set()
    await dropping
    assert (begun, brought) == ([0], [0, 1, 2])
