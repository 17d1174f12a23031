"""What is kept with a bucket, in the attributes of its directory."""

from __future__ import annotations

import os
from typing import Any

from colonnade.backend import Answer
from colonnade.backends import bucketconfig
from colonnade.backends.posix import acl
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.configcodec import codec
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.rules.bucketconfig import Kind


class BucketConfigurations(Served, bucketconfig.BucketConfigurations):
    """The operations on a bucket's own attributes."""

    async def get_bucket_acl(self, **arguments: Any) -> Answer:
        """The bucket's owner and grants."""
        return acl.answer(self._get(arguments["Bucket"], "acl"))

    async def get_bucket_versioning(self, **arguments: Any) -> Answer:
        """Empty for a bucket that was never versioned."""
        kept = self._get(arguments["Bucket"], "versioning")
        return {} if kept is None else {"Status": "Enabled" if kept == b"\x01" else "Suspended"}

    async def configuration(self, bucket: str, kind: Kind) -> Any:
        """See the base."""
        kept = codec(kind)
        raw = self._get(bucket, kept.attribute)
        return None if raw is None else kept.decode(raw)

    async def configure(self, bucket: str, kind: Kind, change: bucketconfig.Change) -> None:
        """See the base."""
        kept = codec(kind)

        def carry_out() -> int:
            raw = self.tree.store.get(self.tree.root.at(bucket), kept.attribute)
            value = change(None if raw is None else kept.decode(raw))
            values = {} if value is None else {kept.attribute: kept.encode(value)}
            fd = self.tree.root.open(bucket, DIRECTORY)
            try:
                where = Where(bucket, "", bucket, "", True)
                self.tree.store.change(fd, where, values, () if values else (kept.attribute,), durable=False)
            except BaseException:
                os.close(fd)
                raise
            return fd

        with os_errors(BucketName=bucket):
            self.tree.bucket(bucket)
            await self.tree.flushed([await self.tree.locks.holding(bucket, bucket, carry_out)])

    def _get(self, bucket: str, name: str) -> bytes | None:
        with os_errors(BucketName=bucket):
            return self.tree.store.get(self.tree.bucket(bucket), name)
