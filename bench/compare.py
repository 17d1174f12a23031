"""Whether figures have fallen below those that stand in the repository."""

from __future__ import annotations

from collections.abc import Mapping

from bench.targets import TARGETS

#: How much of a figure may be lost before that is said; less is what a run differs from the next.
TOLERANCE = 0.15


def fallen(before: Mapping[str, float], now: Mapping[str, float], tolerance: float = TOLERANCE) -> dict[str, float]:
    """The figures of `now` that are worse than `before` by more than `tolerance`, and by how much (0.2: a fifth).

    Figures are by name. Only shares are compared: seconds and bytes are those of one machine. What is on one side only
    is left out.
    """
    losses = {
        what: 1 - now[what] / value
        for what, value in before.items()
        if what in now and value and what in TARGETS and TARGETS[what].comparable
    }
    return {what: loss for what, loss in losses.items() if loss > tolerance}
