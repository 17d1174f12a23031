"""What is seen of a process and its threads from outside: what it has open, and that something holds at last."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress


def opened() -> list[str]:
    """The paths of what this process has open."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the one that the directory was read with
            found.append(os.readlink(f"/proc/self/fd/{number}"))
    return found


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds. Raises TimeoutError."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)
