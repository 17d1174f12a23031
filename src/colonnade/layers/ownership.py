"""New buckets whose maker doesn't say who owns their objects: the gateway's own choice instead of S3's."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer, Backend, Layer


class DefaultOwnership(Layer):
    """Gives new buckets an ObjectOwnership, such as ObjectWriter, unless the request has one."""

    def __init__(self, inner: Backend, setting: str) -> None:
        super().__init__(inner)
        self.setting = setting

    async def create_bucket(self, **arguments: Any) -> Answer:
        """See S3."""
        return await self.inner.call("CreateBucket", {"ObjectOwnership": self.setting, **arguments})
