"""The posix backend: every operation on a served directory, put together."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Coroutine
from dataclasses import replace
from functools import partial
from typing import Any

from colonnade import ticks
from colonnade.backend import Answer, Arguments, Backend
from colonnade.backends.posix import start
from colonnade.backends.posix.again import Again
from colonnade.backends.posix.attributes import Attributes
from colonnade.backends.posix.bucketconfig import BucketConfigurations
from colonnade.backends.posix.buckets import Buckets
from colonnade.backends.posix.copy import Copies
from colonnade.backends.posix.deletes import Deletes
from colonnade.backends.posix.expiry import Expiry
from colonnade.backends.posix.listing import Listings
from colonnade.backends.posix.mode import Mode
from colonnade.backends.posix.multipart import Multipart
from colonnade.backends.posix.objectacl import ObjectAcls
from colonnade.backends.posix.objectlock import Locking
from colonnade.backends.posix.objects import Objects
from colonnade.backends.posix.options import Options
from colonnade.backends.posix.tagging import Tagging
from colonnade.backends.posix.tree import Tree
from colonnade.backends.posix.versionlisting import VersionListings
from colonnade.errors import S3Error

log = logging.getLogger("colonnade.posix")


class PosixBackend(
    Buckets,
    BucketConfigurations,
    Objects,
    Copies,
    Deletes,
    Tagging,
    Locking,
    ObjectAcls,
    Attributes,
    Multipart,
    VersionListings,
    Backend,
):
    """Serves one directory: buckets are directories in it, objects files, attributes extended attributes."""

    owners = True
    object_acls = True
    tells_acls = True

    def __init__(self, options: Options) -> None:
        self.tree = Tree(options)
        self.again = Again(self.tree)
        self._expiry: Expiry | None = None
        Listings.__init__(self, self.tree.bucket, self.tree.store, self.tree.etags, work=self.tree.threads.work)
        self.versions = self.tree.versions
        self._mode = Mode(options)
        if self.versions is None:
            self.gaps = {"PutBucketVersioning": "versions need a directory of their own: --versioning-dir"}

    async def start(self) -> None:
        """Find out what the filesystem can, and clear what dead writers left. Raises `start.UnfitError`."""
        try:
            await self._mode.begin()
            # Without fsync there is nothing to flush, and to let go of what the kernel keeps for that takes 30 ms.
            kernel = self.tree.options.fsync and self._mode.local and not self._mode.in_threads
            self.tree.sync.belong(asyncio.get_running_loop(), kernel=kernel)
            await self._mode.do(self._begin)
            if self._mode.local and not self._mode.in_threads:
                self.tree.freeing.begin(os.fstat(self.tree.root.fd).st_dev)
        except S3Error as error:
            raise start.UnfitError(f"posix: {self.tree.root.path}: {error.message}") from error
        if self.tree.options.expire_uploads:
            self._expiry = Expiry(self.tree, self.tree.options.expire_uploads)

    def _begin(self) -> None:
        path = self.tree.root.path
        for directory in filter(None, (path, self.tree.options.sidecar)):
            ticks.learn(directory)
        fit = start.probe(path, attributes=self.tree.store.in_inode)
        if fit.unwritable:
            log.warning("%s can't be written to just now: %s. It is served as it is.", path, fit.unwritable)
        if abs(fit.ahead) > start.OUT_OF_STEP:
            log.warning(
                "%s: the clock of this filesystem is %.0f seconds %s this machine's. Set both right: until then %s.",
                path,
                abs(fit.ahead),
                *start.STEPS[fit.ahead > 0],
            )
        if not fit.unnamed:
            log.info("%s: no O_TMPFILE on this filesystem: files being written have names, cleared at a start", path)
            self.tree.options = replace(self.tree.options, unnamed=False)
        start.sweep(self.tree)

    def call(self, operation: str, arguments: Arguments) -> Coroutine[Any, Any, Answer]:
        """See Backend."""
        if self._mode.in_threads:
            return self._mode.call(partial(super().call, operation), arguments)
        return super().call(operation, arguments)

    async def stamp(self, bucket: str) -> object:
        """See Backend."""
        if self._mode.in_threads:
            return await self._mode.work(partial(super().stamp, bucket))
        return await super().stamp(bucket)

    async def close(self) -> None:
        """End the threads, close the directory."""
        if self._expiry is not None:
            await self._expiry.stop()
        await self._mode.close()
        self.tree.close(wait=not self._mode.in_threads)
