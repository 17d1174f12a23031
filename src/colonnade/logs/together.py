"""Several recorders of the same requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from colonnade.logs import Log

if TYPE_CHECKING:
    from colonnade.exchange import Exchange


class Together:
    """Each is told, one after another."""

    def __init__(self, logs: Sequence[Log]) -> None:
        self.logs = logs

    async def record(self, exchange: Exchange, scope: Any, began: float) -> None:
        """See `Log`."""
        for each in self.logs:
            await each.record(exchange, scope, began)

    async def close(self) -> None:
        """See `Log`."""
        for each in self.logs:
            await each.close()
