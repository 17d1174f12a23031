"""A delete hides what lies below: the layers below are not written."""

from __future__ import annotations

from colonnade.multi.hidden import is_versioned
from colonnade.multi.layers import Layers
from colonnade.multi.members import Kind, Role
from colonnade.multi.veil import Veil
from colonnade.multi.writes import Writes


class Marker:
    """A marker in the primary wherever a lower layer has the key, or might (``delete = "marker"``)."""

    def __init__(self, layers: Layers, veil: Veil, writes: Writes) -> None:
        self.layers = layers
        self.veil = veil
        self.writes = writes
        self._replicated = any(member.role is Role.REPLICA for member in layers.lower)

    async def before(self, bucket: str, key: str) -> None:
        """First the marker: from there on nothing can bring the key back. A versioned bucket makes its own."""
        if not await self._is_below(bucket, key):
            return
        await self.writes.ensure(bucket)
        if not await is_versioned(self.layers.primary, bucket):
            await self.veil.markers.write(bucket, key)

    async def before_version(self, bucket: str, key: str) -> None:
        """Replicas have a copy of the latest version only: it must not stand for one that is gone."""
        if self._replicated:
            await self.veil.markers.cover(bucket, key)

    async def after(self, bucket: str, key: str) -> None:
        """Nothing more is promised."""

    async def _is_below(self, bucket: str, key: str) -> bool:
        """Whether a lower layer has the key, or might: one that can't be asked would bring it back.

        A replica might always, for what was written before may just be on its way there; once it is in line the
        marker goes.
        """
        if self._replicated:
            return True
        outcomes = await self.layers.ask_all(self.layers.lower, "HeadObject", {"Bucket": bucket, "Key": key})
        return any(outcome.kind is not Kind.ABSENT for outcome in outcomes)
