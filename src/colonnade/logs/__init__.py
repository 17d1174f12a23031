"""Lines about requests, for operators: one file for S3's, another for administrators'."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from colonnade.exchange import Exchange


class Log(Protocol):
    """Where requests are recorded once they are answered."""

    async def record(self, exchange: Exchange, scope: Any, began: float) -> None:
        """Record one; `began` is when, by `time.perf_counter`. Never raises for a log that can't be written."""

    async def close(self) -> None:
        """Let it go, once what was recorded is where it belongs."""
