"""What is kept with a bucket, in the attributes of its directory."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from colonnade.backend import Answer
from colonnade.backends import bucketconfig
from colonnade.backends.posix import versioned
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.configcodec import codec
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.rules import lock, versions
from colonnade.rules.bucketconfig import BY_NAME, Kind

_VERSIONING = "versioning"


class BucketConfigurations(Served, bucketconfig.BucketConfigurations):
    """The operations on a bucket's own attributes."""

    async def get_bucket_versioning(self, **arguments: Any) -> Answer:
        """Empty for a bucket that was never versioned."""
        status = versioned.state(self._get(arguments["Bucket"], _VERSIONING))
        return {"Status": status} if status else {}

    async def put_bucket_versioning(self, **arguments: Any) -> Answer:
        """Enable or suspend. Raises NotImplemented where there is no place for versions, InvalidBucketState."""
        status = versions.check_configuration(arguments["VersioningConfiguration"])
        self.tree.bucket(arguments["Bucket"])
        versioned.store_of(self.tree)
        if status == versions.SUSPENDED:
            lock.check_suspension(await self.configuration(arguments["Bucket"], BY_NAME["lock"]))
        raw = b"\x01" if status == versions.ENABLED else b"\x00"
        await self._alter(arguments["Bucket"], lambda: {_VERSIONING: raw}, ())
        return {}

    async def stamp(self, bucket: str) -> object:
        """See Backend. What equals nothing for a bucket that isn't there."""
        try:
            return self.tree.store.moment_of(self.tree.root.at(bucket))
        except OSError:
            return object()

    async def configuration(self, bucket: str, kind: Kind) -> Any:
        """See the base."""
        kept = codec(kind)
        raw = self._get(bucket, kept.attribute)
        return None if raw is None else kept.decode(raw)

    async def configure(self, bucket: str, kind: Kind, change: bucketconfig.Change) -> None:
        """See the base."""
        kept = codec(kind)

        if kind.name == "lock" and self.tree.versions is not None:
            self.tree.bucket(bucket)
            lock.check_versioned(self.tree.versioning(bucket) == versions.ENABLED)

        def values() -> dict[str, bytes]:
            raw = self.tree.store.get(self.tree.root.at(bucket), kept.attribute)
            value = change(None if raw is None else kept.decode(raw))
            return {} if value is None else {kept.attribute: kept.encode(value)}

        await self._alter(bucket, values, (kept.attribute,))

    async def _alter(self, bucket: str, values: Callable[[], dict[str, bytes]], drop: tuple[str, ...]) -> None:
        """Set the attributes of a bucket that `values` gives, or `drop` them if it gives none."""

        def carry_out() -> int:
            wanted = values()
            fd = self.tree.root.open(bucket, DIRECTORY)
            try:
                where = Where(bucket, "", bucket, "", True)
                self.tree.store.change(fd, where, bucket, wanted, () if wanted else drop, durable=False)
            except BaseException:
                os.close(fd)
                raise
            return fd

        with os_errors(BucketName=bucket):
            self.tree.bucket(bucket)
            self.tree.check_keeps()
            await self.tree.flushed([await self.tree.locks.holding(bucket, bucket, carry_out, os.close)])

    def _get(self, bucket: str, name: str) -> bytes | None:
        with os_errors(BucketName=bucket):
            return self.tree.store.get(self.tree.bucket(bucket), name)
