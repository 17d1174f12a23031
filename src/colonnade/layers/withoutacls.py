"""A gateway on which ACLs can't be set: what CreateBucket asks for in that way is left out, as it would not count."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer, Layer
from colonnade.rules import acl


class WithoutAcls(Layer):
    """New buckets are their owner's alone."""

    async def create_bucket(self, **arguments: Any) -> Answer:
        """See S3."""
        passed = {name: value for name, value in arguments.items() if name not in acl.ARGUMENTS}
        return await self.inner.call("CreateBucket", passed)
