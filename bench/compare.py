"""Whether figures have fallen below those that stand in the repository."""

from __future__ import annotations

from collections.abc import Mapping

from bench.figure import KINDS
from bench.kept import Kept
from bench.targets import TARGETS

#: How much of a figure may be lost before that is said; less is what a run differs from the next.
TOLERANCE = 0.15


def fallen(before: Kept, now: Kept, tolerance: float = TOLERANCE) -> dict[str, float]:
    """The figures of `now` that are worse than `before` by more than `tolerance`, and by how much (0.2: a fifth).

    Like is compared with like, by the steadiest kind that both have. Only shares are compared: seconds and bytes are
    those of one machine. What is on one side only is left out.
    """
    losses = {what: _loss(before[what], now[what]) for what in _comparable(before, now)}
    return {what: loss for what, loss in losses.items() if loss is not None and loss > tolerance}


def unlike(before: Kept, now: Kept) -> list[str]:
    """The figures that both have, and no kind of them: nobody would see them fall."""
    return [what for what in _comparable(before, now) if before[what].keys().isdisjoint(now[what])]


def _comparable(before: Kept, now: Kept) -> list[str]:
    return [what for what in before if what in now and what in TARGETS and TARGETS[what].comparable]


def _loss(before: Mapping[str, float], now: Mapping[str, float]) -> float | None:
    kind = next((kind for kind in KINDS if kind in before and kind in now), None)
    return None if kind is None or not before[kind] else 1 - now[kind] / before[kind]
