"""How long after a change a file's times can't tell it from the next one: clocks of filesystems tick coarsely."""

from __future__ import annotations

#: Nanoseconds. The kernel's clock ticks every 10 ms at the longest; a time without a fraction of a second comes from
#: a filesystem that keeps whole (FAT: two) seconds.
TICK, COARSE_TICK = 100_000_000, 2_500_000_000


def settled(then: int, now: int) -> bool:
    """Whether a change at `now`, or any later one, would move a time that stands at `then`."""
    return now - then > (TICK if then % 1_000_000_000 else COARSE_TICK)
