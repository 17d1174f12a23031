"""What is counted of one member: requests, errors, fallbacks, and the seconds that all its answers took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

REQUESTS, ERRORS, FALLBACKS, SECONDS = range(4)


class Counters:
    """Rows of figures, one of them our `own`; what is told is the sum of all."""

    FIELDS: ClassVar[int] = 4

    def __init__(self, rows: Sequence[memoryview[float]] = ()) -> None:
        self._rows = rows
        #: Where this process counts: beside the rows until it has joined.
        self.own: memoryview[float] = memoryview(bytearray(self.FIELDS * 8)).cast("d")

    def join(self, row: int) -> None:
        """Count in one of the rows from now on."""
        self.own = self._rows[row]

    def total(self, figure: int) -> float:
        """A figure of all processes together."""
        known = any(row is self.own for row in self._rows)
        return sum(row[figure] for row in self._rows) + (0.0 if known else self.own[figure])
