"""How the members are: what each was asked and how that went, and a look at those that rest whether they are back."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from colonnade import tasks
from colonnade.multi.counters import ERRORS, FALLBACKS, REQUESTS, SECONDS

if TYPE_CHECKING:
    from colonnade.multi.layers import Layers
    from colonnade.multi.members import Member

#: Seconds between two looks at the members that rest.
LOOK = 1.0


def ready(layers: Layers, *, stale: bool, every: bool) -> dict[str, Any]:
    """Whether reads and writes can be served, by what is known of the members, and what is known of each.

    `stale`: reads go on without the primary; `every`: a write needs every replica.
    """
    lower = [member for member in layers.lower if not member.may_be_missed]
    well = all(member.breaker.closed for member in lower)
    replicas = all(member.breaker.closed for member in layers.lower if member.role == "replica")
    return {
        "read": well and (layers.primary.breaker.closed or stale),
        "write": layers.primary.breaker.closed and (replicas or not every),
        "backends": [_about(member) for member in layers.all],
    }


def _about(member: Member) -> dict[str, Any]:
    total = member.counters.total
    return {
        "name": member.name,
        "role": str(member.role),
        "state": "up" if member.breaker.closed else "down",
        "requests": int(total(REQUESTS)),
        "errors": int(total(ERRORS)),
        "fallbacks": int(total(FALLBACKS)),
        "seconds": round(total(SECONDS), 3),
    }


class Watch:
    """Asks members that rest whether they are back, so that no client has to find out."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(tasks.every(lambda: LOOK, "looking at the members that rest", self._look))

    async def close(self) -> None:
        """Look no more."""
        await tasks.end(self._task)

    async def _look(self) -> None:
        resting = [member for member in self.members if not member.breaker.closed]
        await asyncio.gather(*(member.ask("ListBuckets", {"MaxBuckets": 1}) for member in resting))
