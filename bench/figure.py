"""A measured figure: one row of the table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load import Load


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
    def steady(self) -> float:
        """What to compare between runs: the share by processor time where there is one."""
        return self.value if self.cpu_share is None else self.cpu_share


def share(what: str, rounds: Sequence[tuple[Load, Load]]) -> Figure:
    """Rates as shares of those of what they were measured beside, from pairs of (yardstick, measured)."""
    values = [measured.rate / yardstick.rate for yardstick, measured in rounds]
    server = statistics.median(measured.server for _, measured in rounds)
    if not server:  # another endpoint's processes, which nobody could look at
        return Figure(what, values)
    return Figure(
        what, values, statistics.median(yardstick.cpu / measured.cpu for yardstick, measured in rounds), server
    )
