"""The posix backend: every operation on a served directory, put together."""

from __future__ import annotations

from dataclasses import replace

from colonnade.backend import Backend
from colonnade.backends.posix import start
from colonnade.backends.posix.attributes import Attributes
from colonnade.backends.posix.bucketconfig import BucketConfigurations
from colonnade.backends.posix.buckets import Buckets
from colonnade.backends.posix.copy import Copies
from colonnade.backends.posix.deletes import Deletes
from colonnade.backends.posix.expiry import Expiry
from colonnade.backends.posix.listing import Listings
from colonnade.backends.posix.multipart import Multipart
from colonnade.backends.posix.objectacl import ObjectAcls
from colonnade.backends.posix.objectlock import Locking
from colonnade.backends.posix.objects import Objects
from colonnade.backends.posix.options import Options
from colonnade.backends.posix.tagging import Tagging
from colonnade.backends.posix.tree import Tree
from colonnade.backends.posix.versionlisting import VersionListings


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

    def __init__(self, options: Options) -> None:
        self.tree = Tree(options)
        self._expiry: Expiry | None = None
        Listings.__init__(self, self.tree.bucket, self.tree.store, self.tree.etags)
        self.versions = self.tree.versions
        if self.versions is None:
            self.gaps = {"PutBucketVersioning": "versions need a directory of their own: --versioning-dir"}

    async def start(self) -> None:
        """Find out what the filesystem can, and clear what dead writers left. Raises `start.UnfitError`."""
        unnamed = start.probe(self.tree.root.path, attributes=self.tree.store.in_inode)
        if not unnamed:
            self.tree.options = replace(self.tree.options, unnamed=False)
        await self.tree.threads.work(start.sweep, self.tree)
        if self.tree.options.expire_uploads:
            self._expiry = Expiry(self.tree, self.tree.options.expire_uploads)

    async def close(self) -> None:
        """End the threads, close the directory."""
        if self._expiry is not None:
            await self._expiry.stop()
        self.tree.close()
