"""When a local directory is served in threads for a while: when its filesystem held everybody up, not the processor."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from colonnade.backends.posix import mode
from colonnade.backends.posix.mode import Mode
from colonnade.backends.posix.options import Options


def compute(seconds: float) -> None:
    """Keep the processor busy."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        pass


@pytest.mark.timed  # a machine that stands still is taken for a filesystem that does
@pytest.mark.parametrize(("hold", "in_threads"), [(time.sleep, True), (compute, False)], ids=["stuck", "busy"])
async def test_only_what_is_stuck_is_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hold: Callable[[float], None], in_threads: bool
) -> None:
    """The event loop that was stuck in a call hands operations over, one that had much to compute doesn't."""
    monkeypatch.setattr(mode, "_LOOK", 0.05)
    monkeypatch.setattr(mode, "_SLOW", 0.5)
    watched = Mode(Options(path=str(tmp_path)))
    await watched.begin()
    try:
        await asyncio.sleep(0.1)
        hold(1.0)
        await asyncio.sleep(0.2)
        assert watched.in_threads is in_threads
    finally:
        await watched.close()
