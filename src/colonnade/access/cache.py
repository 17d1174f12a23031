"""What buckets say of who may use them, remembered between requests.

A decision needs a bucket's owner, policy, ownership and public access block: up to four calls of the backend for each
request of somebody who may not do everything unasked. Here they are asked for once, until they change. A change made
by any worker of this gateway counts with the next request, by a mark that they share. Those made elsewhere are seen by
the bucket's stamp, where the backend has stamps, within EVERY seconds; where it has none, within SECONDS.
"""

from __future__ import annotations

import time
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from colonnade.access.state import Bucket
from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.mark import Mark

#: Seconds between two looks at a bucket's stamp, where workers tell each other of their changes.
EVERY = 0.05

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


@dataclass(slots=True)
class _Known:
    bucket: Bucket
    seen: bytes
    stamp: object
    look_at: float
    until: float


class Remembering(Layer):
    """Passes everything on, and remembers buckets' states. Without a `mark` stamps are looked at each time.

    `root` is root's access key.
    """

    def __init__(self, inner: Backend, mark: Mark | None = None, root: str = "") -> None:
        super().__init__(inner)
        self._root = root
        self._mark = mark or Mark()
        self._every = EVERY if mark is not None else 0.0
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
            self._mark.change()

    def remembered(self, name: str) -> Bucket | None:
        """What `bucket` would answer without asking anything; None where it has to ask."""
        known = self._known.get(name)
        if known is None or known.seen != self._mark.value() or time.monotonic() >= known.look_at:
            return None
        return known.bucket

    async def bucket(self, name: str) -> Bucket:
        """What a bucket says, as it is now or was a moment ago. It need not be there."""
        found = self.remembered(name)
        if found is not None:
            return found
        seen, now = self._mark.value(), time.monotonic()
        known = self._known.get(name)
        if known is not None and (known.seen != seen or now >= known.until):
            known = None
        stamp = await self.inner.stamp(name)
        if known is not None and known.stamp == stamp:
            known.look_at = now + self._every
            return known.bucket
        bucket = Bucket(self.inner, name, self._root)
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known.pop(name, None)
        until = now + (SECONDS if stamp is None else SECONDS_WITH_STAMP)
        self._known[name] = _Known(bucket, seen, stamp, now + self._every, until)
        return bucket
