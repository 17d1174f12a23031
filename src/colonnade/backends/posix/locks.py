"""One writer at a time for each key, among coroutines, worker processes and gateways on one directory.

A key's lock is an flock on one of 64 files in its bucket's work area; it guards only the moment in which
conditions are judged and the change is made, never a transfer. The kernel drops it when its holder dies.
"""

from __future__ import annotations

import errno
import fcntl
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.paths import Root
from colonnade.backends.posix.threads import Drop, Threads
from colonnade.errors import S3Error

T = TypeVar("T")

DIRECTORY = "colonnade.locks"
STRIPES = 64


class BusyError(Exception):
    """A lock is taken that must not be waited for while holding another: let go of that one and try again."""


class Locks:
    """The locks of all buckets in one served directory."""

    def __init__(self, root: Root, threads: Threads) -> None:
        self._root = root
        self._threads = threads

    async def holding(self, bucket: str, path: str, action: Callable[[], T], drop: Drop[T]) -> T:
        """Run `action` while holding the lock of `path`: at once if it is free, else waiting in a thread.

        `action` must not wait for anything itself. Who is cancelled while he waits doesn't get what it gives, which
        goes to `drop`: to close the descriptors in it. Raises NoSuchBucket.
        """
        stripe = stripe_of(path)
        fd = self.take(bucket, stripe, wait=False)
        if fd is None:
            return await self._threads.wait(self._run, bucket, stripe, action, drop=drop)
        try:
            return action()
        finally:
            os.close(fd)

    def _run(self, bucket: str, stripe: int, action: Callable[[], T]) -> T:
        fd = self.take(bucket, stripe, wait=True)
        assert fd is not None
        try:
            return action()
        finally:
            os.close(fd)

    @contextmanager
    def tried(self, bucket: str, path: str, held: str) -> Iterator[bool]:
        """Whether the lock of `path` could be had without waiting, by someone who holds that of `held`."""
        stripe = stripe_of(path)
        fd = None if stripe == stripe_of(held) else self.take(bucket, stripe, wait=False)
        try:
            yield fd is not None or stripe == stripe_of(held)
        finally:
            if fd is not None:
                os.close(fd)

    @contextmanager
    def waited(self, bucket: str, path: str) -> Iterator[None]:
        """Hold the lock of `path`. Waits; raises NoSuchBucket."""
        fd = self.take(bucket, stripe_of(path), wait=True)
        assert fd is not None
        try:
            yield
        finally:
            os.close(fd)

    @contextmanager
    def all(self, bucket: str) -> Iterator[None]:
        """Hold every lock of a bucket: for deleting it. Waits; raises NoSuchBucket."""
        held: list[int] = []
        try:
            for stripe in range(STRIPES):
                fd = self.take(bucket, stripe, wait=True)
                assert fd is not None
                held.append(fd)
            yield
        finally:
            for fd in held:
                os.close(fd)

    def take(self, bucket: str, stripe: int, *, wait: bool) -> int | None:
        """A descriptor that holds the lock until it is closed; None if it is taken and we must not wait."""
        mode = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
        while True:
            fd = self._open(bucket, stripe)
            try:
                fcntl.flock(fd, mode)
                if os.fstat(fd).st_nlink:
                    return fd
            except BlockingIOError:
                os.close(fd)
                return None
            except BaseException:
                os.close(fd)
                raise
            os.close(fd)  # the bucket was deleted while we waited; perhaps it is there again

    def file(self, bucket: str, stripe: int) -> str:
        """The path of the file that a lock is on."""
        # By its absolute path: so it is noticed that the served directory was moved, or another mounted over it.
        return f"{self._root.path}/{bucket}/{TMP}/{DIRECTORY}/{stripe}"

    def _open(self, bucket: str, stripe: int) -> int:
        path = self.file(bucket, stripe)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        while True:
            try:
                return os.open(path, flags, 0o644)
            except (FileNotFoundError, NotADirectoryError):
                make_work_area(self._root, bucket, DIRECTORY)


def release(fd: int | None) -> None:
    """Close a descriptor, if there is one, whose client has gone."""
    if fd is not None:
        os.close(fd)


def claim(fd: int) -> bool:
    """Take the lock of an open file, which its descriptor then holds; False, without waiting, if somebody else does."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stripe_of(path: str) -> int:
    """Which lock guards a path: the same in every process."""
    return zlib.crc32(path.encode()) % STRIPES


def make_work_area(root: Root, bucket: str, name: str = "") -> None:
    """Make ``.sgwtmp`` in a bucket, and a directory in it. Never makes the bucket.

    Raises NoSuchBucket, OSError for a link in the place of either.
    """
    if root.leads_out(bucket):
        raise S3Error("NoSuchBucket", BucketName=bucket)
    tmp = f"{root.path}/{bucket}/{TMP}"
    for path in (tmp, f"{tmp}/{name}") if name else (tmp,):
        try:
            os.mkdir(path, 0o755)
        except FileExistsError:
            if os.path.islink(path):  # into the work area of another bucket, perhaps
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path) from None
        except (FileNotFoundError, NotADirectoryError):
            root.check()
            raise S3Error("NoSuchBucket", BucketName=bucket) from None
