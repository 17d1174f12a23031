"""Abandoned uploads in memory: what got no part for long enough goes while the gateway serves."""

from __future__ import annotations

import asyncio
import time

from colonnade import tasks
from colonnade.backends.memory.store import Store


class Expiring(Store):
    """Starts and ends the task that looks for them."""

    _expiry: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to look, if uploads expire."""
        if self.expire_uploads:
            pause = min(self.expire_uploads / 10, 3600)
            looking = tasks.every(lambda: pause, "looking for abandoned uploads", self._expire)
            self._expiry = asyncio.create_task(looking)

    async def close(self) -> None:
        """Look no more."""
        await tasks.end(self._expiry)

    async def _expire(self) -> None:
        oldest = time.monotonic() - self.expire_uploads
        for bucket in self.buckets.values():
            for upload in list(bucket.uploads.values()):
                if not upload.writers and upload.touched <= oldest:
                    del bucket.uploads[upload.id]
