"""What a policy is, of writing and of deleting, and which operations change something that replicas hold too."""

from __future__ import annotations

from typing import Protocol

from colonnade.backend import Arguments
from colonnade.multi.members import Outcome
from colonnade.multi.replicas import Replicas

#: Operations that change an object or make and remove a bucket. The steps of an upload concern the primary alone
#: until it is completed, and so does everything that is set on a bucket.
REPLICATED = frozenset(
    {
        "CompleteMultipartUpload",
        "CopyObject",
        "CreateBucket",
        "DeleteBucket",
        "DeleteObject",
        "DeleteObjectTagging",
        "PutObject",
        "PutObjectAcl",
        "PutObjectLegalHold",
        "PutObjectRetention",
        "PutObjectTagging",
    }
)


class WritePolicy(Protocol):
    """When a write is answered with yes."""

    async def write(self, operation: str, arguments: Arguments) -> Outcome:
        """Carry out an operation on the primary and whatever else the policy wants before it is answered."""


class OverReplicas:
    """What write policies over replicas have in common."""

    def __init__(self, replicas: Replicas) -> None:
        self.replicas = replicas
        self.primary = replicas.primary


class DeletePolicy(Protocol):
    """What a delete does beside deleting in the primary."""

    async def before(self, bucket: str, key: str) -> None:
        """What must have happened before the primary forgets the key."""

    async def before_version(self, bucket: str, key: str) -> None:
        """What must have happened before the primary forgets one version of the key, which may be the last."""

    async def after(self, bucket: str, key: str) -> None:
        """What must have happened before the delete is answered with yes."""
