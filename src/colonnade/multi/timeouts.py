"""How long a member has for what is asked of it, each kind of wait by itself."""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.rules.long import LONG


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to `answer` (the first bytes of an object's body are part of that), for each further piece of a body
    in either direction not to `stall`, and the `patience` with operations that move or assemble whole objects before
    they answer. Connections are the backend's own affair.
    """

    answer: float = 30.0
    stall: float = 30.0
    patience: float = 900.0

    def of(self, operation: str) -> float:
        """How long an operation may take to be answered."""
        return self.patience if operation in LONG else self.answer
