"""What buckets say of who may use them, remembered between requests.

A decision needs a bucket's owner, policy, ownership and public access block: up to four calls of the backend for each
request of somebody who may not do everything unasked. Here they cost one look at the bucket's stamp, where the
backend has stamps; so a change made by another worker, or another gateway, counts with the next request. Where it has
none they are believed for SECONDS, and forgotten at once after changes made through here.
"""

from __future__ import annotations

import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from colonnade.access.state import Bucket
from colonnade.backend import Answer, Arguments, Backend, Layer

#: How long a bucket is believed to say the same without a stamp, and with one (clocks of file servers go wrong).
SECONDS, SECONDS_WITH_STAMP = 2.0, 10.0

#: The most buckets that are remembered.
MOST = 4096

#: Operations after which a bucket may say something else.
CHANGES = frozenset(
    {
        "ChangeBucketOwner",
        "CreateBucket",
        "DeleteBucket",
        "DeleteBucketOwnershipControls",
        "DeleteBucketPolicy",
        "DeletePublicAccessBlock",
        "PutBucketAcl",
        "PutBucketOwnershipControls",
        "PutBucketPolicy",
        "PutPublicAccessBlock",
    }
)


@dataclass(frozen=True, slots=True)
class _Known:
    bucket: Bucket
    stamp: object
    until: float


class Remembering(Layer):
    """Passes everything on, and remembers buckets' states."""

    def __init__(self, inner: Backend) -> None:
        super().__init__(inner)
        self.gaps = inner.gaps
        self._known: dict[str, _Known] = {}

    def call(self, operation: str, arguments: Arguments) -> Coroutine[Any, Any, Answer]:
        """Pass an operation on; what it changes is forgotten."""
        if operation in CHANGES:
            return self._change(operation, arguments)
        return self.inner.call(operation, arguments)

    async def _change(self, operation: str, arguments: Arguments) -> Answer:
        try:
            return await self.inner.call(operation, arguments)
        finally:
            # Also what was asked for while the change was under way.
            self._known.pop(arguments["Bucket"], None)

    async def bucket(self, name: str) -> Bucket:
        """What a bucket says, as it is now or (without stamps) was a moment ago. It need not be there."""
        stamp, now = await self.inner.stamp(name), time.monotonic()
        known = self._known.get(name)
        if known is not None and known.stamp == stamp and now < known.until:
            return known.bucket
        bucket = Bucket(self.inner, name)
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known.pop(name, None)
        self._known[name] = _Known(bucket, stamp, now + (SECONDS if stamp is None else SECONDS_WITH_STAMP))
        return bucket
