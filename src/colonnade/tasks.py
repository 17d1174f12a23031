"""Tasks that go on for ever beside the requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

log = logging.getLogger("colonnade")


async def every(seconds: Callable[[], float], what: str, act: Callable[[], Awaitable[object]]) -> None:
    """Do something again and again, `seconds` apart, until cancelled; a time that fails is not the last.

    The cause is logged once, as that of `what`, until it is another or it went well meanwhile.
    """
    known = ""
    while True:
        await asyncio.sleep(seconds())
        try:
            await act()
        except Exception as error:
            if known != (known := repr(error)):
                log.exception("%s failed, and is tried again", what)
        else:
            known = ""


async def end(*tasks: asyncio.Task[Any] | None) -> None:
    """Cancel those tasks that there are, and wait until they are no more; how they ended is nobody's concern."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
