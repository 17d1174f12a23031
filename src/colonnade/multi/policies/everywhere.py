"""A delete reaches every layer, those too that are otherwise only read."""

from __future__ import annotations

from colonnade.multi.layers import Layers
from colonnade.multi.members import Role, unavailable
from colonnade.multi.policies.marker import Marker
from colonnade.multi.replicas import Replicas
from colonnade.multi.veil import Veil
from colonnade.multi.writes import Writes


class Everywhere(Marker):
    """Hidden first, then deleted everywhere (``delete = "all"``).

    A layer that can't be reached now is reached by the queue; until then the key stays hidden, and the client is
    told 503.
    """

    def __init__(self, layers: Layers, veil: Veil, writes: Writes, replicas: Replicas) -> None:
        super().__init__(layers, veil, writes)
        self.replicas = replicas
        self.fallbacks = tuple(member.name for member in layers.lower if member.role is Role.FALLBACK)

    async def after(self, bucket: str, key: str) -> None:
        """Raises ServiceUnavailable if it is not gone everywhere yet."""
        await self.replicas.queue.add(self.fallbacks, bucket, key)
        left = await self.replicas.bring_now(self.fallbacks, bucket, key)
        for member in self.layers.lower:
            if member.name in left:
                raise unavailable(member)
