"""A write is done when the primary has it; the replicas get it from the queue, soon."""

from __future__ import annotations

from colonnade.backend import Arguments
from colonnade.multi.members import Kind, Outcome
from colonnade.multi.policies.base import REPLICATED, OverReplicas


class Queued(OverReplicas):
    """The primary now, the replicas later (``write = "async"``)."""

    async def write(self, operation: str, arguments: Arguments) -> Outcome:
        """What the primary says; unless it refused, the replicas are behind."""
        if operation not in REPLICATED:
            return await self.primary.ask(operation, arguments)
        async with self.replicas.intent(arguments) as intent:
            outcome = await self.primary.ask(operation, arguments)
            if outcome.kind in (Kind.REFUSAL, Kind.ABSENT):
                intent.behind = ()
        return outcome
