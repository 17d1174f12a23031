"""When a file's times tell a change from the next one: what is remembered of files is told apart by them.

Clocks of filesystems tick coarsely, and those of file servers may lag behind ours: just after a change, or what seems
long after it, another may leave the same times.
"""

from __future__ import annotations

import os

from colonnade import filesystems

#: Nanoseconds. The kernel's clock ticks every 10 ms at the longest; a time without a fraction of a second comes from
#: a filesystem that keeps whole (FAT: two) seconds.
TICK, COARSE_TICK = 100_000_000, 2_500_000_000

#: Nanoseconds that the clock of a file server may lag behind ours; starts warn of more.
LAG = 2_000_000_000

#: Devices that are dated by our own clock.
_OURS: set[int] = set()


def learn(path: str) -> None:
    """Find out by whose clock a directory's filesystem is dated: not known, it may be a file server's.

    May wait as long as the filesystem does. Raises OSError.
    """
    if filesystems.is_local(path):
        _OURS.add(os.stat(path).st_dev)


def settled(device: int, then: int, now: int) -> bool:
    """Whether a change at `now`, or any later one, would move a time that stands at `then` on a device."""
    tick = TICK if then % 1_000_000_000 else COARSE_TICK
    return now - then > (tick if device in _OURS else tick + LAG)
