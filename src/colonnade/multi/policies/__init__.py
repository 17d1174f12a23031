"""When a write is done, and what a delete does: one small file a policy, apart from the doing."""

from colonnade.multi.policies.base import REPLICATED, DeletePolicy, WritePolicy
from colonnade.multi.policies.every import Every
from colonnade.multi.policies.everywhere import Everywhere
from colonnade.multi.policies.marker import Marker
from colonnade.multi.policies.primary import Primary
from colonnade.multi.policies.queued import Queued
from colonnade.multi.policies.upper import Upper

__all__ = [
    "REPLICATED",
    "DeletePolicy",
    "Every",
    "Everywhere",
    "Marker",
    "Primary",
    "Queued",
    "Upper",
    "WritePolicy",
]
