"""A measured figure: one row of the table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import Load

MEASURED, BY_CPU = "measured", "by CPU"

#: What a figure tells, the steadiest first: that is what runs are compared by.
KINDS = (BY_CPU, MEASURED)


@dataclass(frozen=True)
class Figure:
    """What was measured, and its value in each round; where it applies, what a request costs a processor.

    `cpu_share` is the share that processor time alone would give: other work on the machine moves it less than the
    rate. `server` is in seconds a request.
    """

    what: str
    values: Sequence[float]
    cpu_share: float | None = None
    server: float | None = None

    @property
    def value(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.values)

    @property
    def kinds(self) -> dict[str, float]:
        """What is known of it, by the names of KINDS."""
        shares = {} if self.cpu_share is None else {BY_CPU: self.cpu_share}
        return {MEASURED: self.value, **shares}


def share(what: str, rounds: Sequence[tuple[Load, Load]]) -> Figure:
    """Rates as shares of those of what they were measured beside, from pairs of (yardstick, measured)."""
    values = [measured.rate / yardstick.rate for yardstick, measured in rounds]
    server = statistics.median(measured.server for _, measured in rounds)
    if not server:  # another endpoint's processes, which nobody could look at
        return Figure(what, values)
    return Figure(
        what, values, statistics.median(yardstick.cpu / measured.cpu for yardstick, measured in rounds), server
    )
