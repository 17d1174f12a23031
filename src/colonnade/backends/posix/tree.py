"""What all operations on one served directory share, and the steps that change it.

The changes here are single moments: they are made while holding the key's lock, wait for nothing, and give
back the directories that must be flushed before the client is told.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable, Mapping
from functools import partial

from colonnade.backend import Answer
from colonnade.backends.posix import lockattributes, owners, parents, stores, versioned
from colonnade.backends.posix.entering import Entering
from colonnade.backends.posix.errors import ABSENT, os_errors
from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.freeing import Freeing
from colonnade.backends.posix.locks import BusyError, Locks
from colonnade.backends.posix.meta import Store
from colonnade.backends.posix.names import Where, check_bucket
from colonnade.backends.posix.options import Options
from colonnade.backends.posix.paths import DIRECTORY, READ, Root
from colonnade.backends.posix.states import States
from colonnade.backends.posix.status import modified
from colonnade.backends.posix.sync import Sync
from colonnade.backends.posix.temp import Temp
from colonnade.backends.posix.threads import Threads
from colonnade.backends.posix.versionstore import VersionStore
from colonnade.errors import S3Error
from colonnade.rules import lock, ulid
from colonnade.rules.conditions import Current

#: Judges a write or delete by what the key holds (None: nothing); raises S3Error.
Check = Callable[[Current | None], None]

#: An object's storage class, where it isn't STANDARD; and of a bucket, that it has such objects.
CLASS, CLASSES = "colonnade.storage-class", "colonnade.storage-classes"

#: How often a change is tried again when directories vanish under it.
_ATTEMPTS = 1000

#: Seconds until a change is tried again when somebody uses what is in its way.
_PAUSE = 0.005


class Tree:
    """A served directory."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.root = Root(options.path, links=options.bucketlinks)
        self.threads = Threads()
        self.locks = Locks(self.root, self.threads)
        self.sync = Sync(self.threads)
        self.freeing = Freeing()
        self.store: Store = stores.store(options, self.root)
        self.entering = Entering(self.root, self.locks, in_inode=self.store.in_inode)
        self.etags = ETags(options, kept=not self.store.refusal)
        self.states = States(self.store, self.etags)
        self.versions = VersionStore(options.versioning_dir, self.store) if options.versioning_dir else None

    def close(self, *, wait: bool = True) -> None:
        """End the threads, close the directory; `wait` for what runs."""
        self.sync.close(wait=wait)
        self.freeing.close(wait=wait)
        self.threads.close(wait=wait)
        self.root.close()
        if self.versions is not None:
            self.versions.close()

    def bucket(self, bucket: str) -> str:
        """The absolute path of a bucket. Raises NoSuchBucket."""
        check_bucket(bucket)
        path = self.root.at(bucket)
        self.root.check()
        try:
            links = self.options.bucketlinks
            there = stat.S_ISDIR(os.stat(bucket, dir_fd=self.root.fd, follow_symlinks=links).st_mode)
        except OSError as error:
            if error.errno not in ABSENT:
                raise
            there = False
        if not there:
            raise S3Error("NoSuchBucket", BucketName=bucket)
        return path

    def check_keeps(self) -> None:
        """Raise NotImplemented where nothing is kept beside bodies."""
        if self.store.refusal:
            raise S3Error("NotImplemented", self.store.refusal)

    def missing(self, where: Where) -> S3Error:
        """The error for a key that isn't there: its bucket may be what is missing."""
        try:
            self.bucket(where.bucket)
        except S3Error as error:
            return error
        return S3Error("NoSuchKey", Key=where.key)

    def temp(self, bucket: str, expected: int | None = None) -> Temp:
        """A file to write into; close it. Raises S3Error."""
        with os_errors():
            unnamed = self.options.unnamed and not self.options.disableotmp
            temp = Temp(self.root, bucket, expected, unnamed=unnamed, durable=self.options.fsync)
            try:
                temp.owner = owners.of_caller(self.options)
                temp.owner.give(temp.fd)
            except BaseException:
                temp.close()
                raise
            return temp

    def attach(self, where: Where, temp: Temp, attributes: Mapping[str, bytes]) -> None:
        """Give a written file its attributes, before it is anybody's object. Raises OSError."""
        if self.versions is not None and self.versioning(where.bucket):
            # The id is known when it gets its place; there must be room for it then.
            attributes = {versioned.ID: ulid.PLACEHOLDER.encode(), **attributes}
        self.store.write(temp, where, where.path, attributes, durable=self.options.fsync)
        if CLASS in attributes:
            self._mark_classes(where.bucket)

    def _mark_classes(self, bucket: str) -> None:
        """Note that a bucket has objects of another class than STANDARD: only there listings look for it."""
        if self.store.get(self.root.at(bucket), CLASSES) is None:
            fd = self.root.open(bucket, DIRECTORY)
            try:
                where = Where(bucket, "", bucket, "", True)
                self.store.change(fd, where, bucket, {CLASSES: b"1"}, durable=self.options.fsync)
            finally:
                os.close(fd)

    async def commit(self, where: Where, temp: Temp, check: Check | None = None) -> Answer:
        """Make a written file the object at `where`, if `check` lets it, and return when it is on disk.

        Returns its VersionId where there are versions.
        Raises S3Error: what `check` says, ExistingObjectIsDirectory, ObjectParentIsFile, NoSuchBucket.
        """
        with os_errors(Key=where.key):
            if self.options.fsync:
                await self.sync.files(temp.descriptors)
            version, changed = await self._published(where, temp, check)
            await self.flushed(changed)
        return {"VersionId": version} if version else {}

    async def _published(self, where: Where, temp: Temp, check: Check | None) -> tuple[str, list[int]]:
        """`publish`, while holding the key's lock; again if emptied directories in the way are in use just now."""
        for _ in range(_ATTEMPTS):
            try:
                entered = self.entering.enter(where, temp if check is None else None)
                if entered is None:
                    publish = partial(self.publish, where, temp, check)
                    return await self.locks.holding(where.bucket, where.path, publish, lambda done: close(done[1]))
                if entered.lock < 0:
                    return "", [entered.directory]
                try:
                    return self.publish(where, temp, check, entered.directory)
                finally:
                    os.close(entered.lock)
            except BusyError:
                await asyncio.sleep(_PAUSE)
        raise parents.is_directory(where)

    async def flushed(self, directories: list[int]) -> None:
        """Flush and close the directories."""
        if self.options.fsync:
            await self.sync.flush(directories)
        else:
            close(directories)

    def publish(
        self, where: Where, temp: Temp, check: Check | None, directory: int | None = None
    ) -> tuple[str, list[int]]:
        """Put the file in its place, while holding the key's lock. `directory` is the one it lies in, if that is open.

        Returns its version's id, empty where there are no versions, and open directories that changed.
        """
        version = ""
        changed: list[int] = [] if directory is None else [directory]
        try:
            status = self.versioning(where.bucket)
            for _ in range(_ATTEMPTS):
                if directory is None:
                    directory = parents.enter(self.root, where, changed, self.options.dir_perms, temp.owner)
                    changed.append(directory)
                try:
                    if check is not None:
                        check(self.current(where))
                    if status:
                        version = versioned.replace(self, where, directory, temp, status, changed)
                    else:
                        self._replace(where, directory, temp, changed)
                except (FileNotFoundError, IsADirectoryError):
                    if temp.path is not None and not os.fstat(temp.fd).st_nlink:
                        raise self.missing(where) from None
                    # A delete removed the emptied directory, or a write below the key made the key one: look again.
                    changed.remove(directory)
                    os.close(directory)
                    directory = None
                    continue
                return version, changed
            raise S3Error("ServiceUnavailable")
        except BaseException:
            close(changed)
            raise

    def _replace(self, where: Where, directory: int, temp: Temp, changed: list[int]) -> None:
        """Put the file in the place of what is there, which goes."""
        if self.store.appear(temp, directory, where.name):
            return
        self.check_unlocked(where)
        self.make_room(where, directory)
        with self.freeing.behind(directory, where.name):
            self.store.place(temp, where.bucket, directory, where.path, changed)

    def versioning(self, bucket: str) -> str:
        """Whether a bucket keeps versions: Enabled, Suspended, or empty if it never did."""
        return versioned.state(self.store.get(self.root.at(bucket), "versioning"))

    def check_unlocked(self, where: Where, *, bypass: bool = False) -> None:
        """Refuse to remove or replace what is locked; `bypass` passes over governance. Raises AccessDenied."""
        if self.store.get(self.root.at(where.bucket), lockattributes.BUCKET) is None:
            return
        try:
            fd = self.root.open(where.path)
        except OSError as error:
            if error.errno in ABSENT:
                return
            raise
        try:
            attributes = self.store.read(fd, where.bucket, where.path)
        finally:
            os.close(fd)
        self.check_removable(where.bucket, attributes, bypass=bypass)

    def check_removable(self, bucket: str, attributes: Mapping[str, bytes], *, bypass: bool) -> None:
        """The one question before a version goes, whichever it is. Raises AccessDenied for one that is locked."""
        if self.store.get(self.root.at(bucket), lockattributes.BUCKET) is not None:
            lock.check_removal(lockattributes.of(attributes), lock.moment(), bypass=bypass)

    def make_room(self, where: Where, directory: int) -> bool:
        """Whether a file lies where one is to be put; empty directories go. Raises ExistingObjectIsDirectory."""
        try:
            mode = os.stat(where.name, dir_fd=directory, follow_symlinks=False).st_mode
        except FileNotFoundError:
            return False
        if stat.S_ISDIR(mode):
            parents.remove_empty(self.store, self.locks, directory, where)
            return False
        return True

    def current(self, where: Where) -> Current | None:
        """What a key holds at the moment, None for nothing (or a delete marker)."""
        try:
            fd = self.root.open(where.path)
        except OSError as error:
            if error.errno in ABSENT:
                return None
            raise
        try:
            status = os.fstat(fd)
            etag = self.store.get(where.path, "etag", fd)
            if stat.S_ISDIR(status.st_mode) != where.directory or (where.directory and etag is None):
                return None
            if self.store.get(where.path, "delete-marker", fd) is not None:
                return None
            return Current(
                self.etags.of(status, etag),
                modified(status),
                0 if where.directory else status.st_size,
            )
        finally:
            os.close(fd)


def close(directories: list[int]) -> None:
    """Close descriptors."""
    for fd in directories:
        os.close(fd)


__all__ = ["READ", "Check", "Tree", "close"]
