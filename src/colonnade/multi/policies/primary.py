"""A write is done when the primary has it; there is nobody else to have it."""

from __future__ import annotations

from colonnade.backend import Arguments
from colonnade.multi.members import Member, Outcome


class Primary:
    """Writes go to the primary alone."""

    def __init__(self, primary: Member) -> None:
        self.primary = primary

    async def write(self, operation: str, arguments: Arguments) -> Outcome:
        """What the primary says."""
        return await self.primary.ask(operation, arguments)
