"""Where attributes are kept: the metadata store, a small door behind which there may be several kinds.

Names of attributes are without ``user.``. A store is asked with an open descriptor of the object, so that
attributes and body are of one moment, and told the bucket and key for what it keeps elsewhere.
"""

from __future__ import annotations

import abc
import errno
import os
import time
from collections.abc import Collection, Mapping

from colonnade.backends.posix.errors import ABSENT, NO_ROOM
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.overflow import Overflow
from colonnade.backends.posix.paths import Root
from colonnade.backends.posix.temp import Temp

#: Carries the id of the overflow file.
OVERFLOW = "colonnade.overflow"

#: Longer than filesystems' clocks take between two ticks, in nanoseconds.
_TICK = 50_000_000

#: Never moved out: what listings read of every object, and what decides whether it is one.
_KEPT = frozenset(
    {
        "etag",
        "checksums",
        "content-type",
        "version-id",
        "delete-marker",
        "versioning",
        "bucket-lock",
        "colonnade.storage-class",
        OVERFLOW,
    }
)


class Store(abc.ABC):
    """A metadata store."""

    @abc.abstractmethod
    def read(self, fd: int, bucket: str, leave: Collection[str] = ()) -> dict[str, bytes]:
        """All attributes but those to `leave`.

        Raises FileNotFoundError where the object was replaced meanwhile: open it again.
        """

    @abc.abstractmethod
    def get(self, path: str, name: str) -> bytes | None:
        """One attribute of an absolute path; None where it or the file is absent."""

    @abc.abstractmethod
    def write(self, temp: Temp, where: Where, values: Mapping[str, bytes], *, durable: bool) -> None:
        """Give a file that isn't visible yet its attributes."""

    @abc.abstractmethod
    def stamp(self, temp: Temp, name: str, value: bytes | None) -> None:
        """Set or, with None, drop one attribute of a file that isn't visible yet."""

    @abc.abstractmethod
    def change(
        self, fd: int, where: Where, values: Mapping[str, bytes], drop: Collection[str] = (), *, durable: bool
    ) -> None:
        """Set and drop attributes of something visible. Hold its lock."""

    def moment_of(self, path: str) -> object:
        """What equals an earlier one only if no attribute of a path has changed since; None where none can tell.

        Raises OSError.
        """
        return None

    @abc.abstractmethod
    def kept_beside(self, name: str, directory: int) -> str | None:
        """What `forget` needs once the named entry of an open directory is gone; None if nothing."""

    @abc.abstractmethod
    def forget(self, bucket: str, beside: str) -> None:
        """Remove what was kept beside an object that is gone."""


class Xattrs(Store):
    """Extended attributes ``user.*`` on the files, and overflow files for what doesn't fit."""

    def __init__(self, root: Root) -> None:
        self._root = root
        self._overflow = Overflow(root)

    def read(self, fd: int, bucket: str, leave: Collection[str] = ()) -> dict[str, bytes]:
        """See Store."""
        found = {
            name[5:]: os.getxattr(fd, name)
            for name in os.listxattr(fd)
            if name.startswith("user.") and name[5:] not in leave
        }
        identity = found.pop(OVERFLOW, None)
        if identity is not None:
            found |= self._beside(fd, bucket, identity)
        return found

    def _beside(self, fd: int, bucket: str, identity: bytes) -> dict[str, bytes]:
        """What lies in an object's overflow file; nothing if that is gone and the object is as it was.

        So it is with a file that another program copied, attributes and all, once the original was deleted.
        """
        try:
            return self._overflow.read(bucket, identity.decode())
        except FileNotFoundError:
            if os.fstat(fd).st_nlink and _get(fd, OVERFLOW) == identity:
                return {}
            raise

    def get(self, path: str, name: str) -> bytes | None:
        """See Store."""
        value = _get(path, name)
        if name in _KEPT:
            return value
        identity = _get(path, OVERFLOW)
        if identity is None:
            return value
        bucket = os.path.relpath(path, self._root.path).split("/", 1)[0]
        try:
            return self._overflow.read(bucket, identity.decode()).get(name, value)
        except FileNotFoundError:
            return value

    def write(self, temp: Temp, where: Where, values: Mapping[str, bytes], *, durable: bool) -> None:
        """See Store."""
        try:
            for name, value in values.items():
                os.setxattr(temp.fd, f"user.{name}", value)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            self._write_beside(temp, where, values, durable)

    def stamp(self, temp: Temp, name: str, value: bytes | None) -> None:
        """See Store."""
        if value is None:
            _remove(temp.fd, name)
        else:
            os.setxattr(temp.fd, f"user.{name}", value)

    def _write_beside(self, temp: Temp, where: Where, values: Mapping[str, bytes], durable: bool) -> None:
        for name in os.listxattr(temp.fd):
            if name.startswith("user."):
                os.removexattr(temp.fd, name)
        outside = {name: value for name, value in values.items() if name not in _KEPT}
        identity, fd = self._overflow.write(where.bucket, where.key, temp.fd, outside, durable=durable)
        temp.extra.append(fd)
        inode = os.fstat(temp.fd).st_ino
        temp.undo.append(lambda: self._overflow.forget(where.bucket, identity, inode))
        for name, value in values.items():
            if name in _KEPT:
                os.setxattr(temp.fd, f"user.{name}", value)
        os.setxattr(temp.fd, f"user.{OVERFLOW}", identity.encode())

    def change(
        self, fd: int, where: Where, values: Mapping[str, bytes], drop: Collection[str] = (), *, durable: bool
    ) -> None:
        """See Store."""
        old = _get(fd, OVERFLOW)
        beside = self._beside(fd, where.bucket, old) if old else {}
        kept_beside = {name: value for name, value in beside.items() if name not in drop}
        missing: dict[str, bytes] = {}
        for name, value in values.items():
            try:
                os.setxattr(fd, f"user.{name}", value)
                kept_beside.pop(name, None)
            except OSError as error:
                if error.errno not in NO_ROOM or name in _KEPT:
                    raise
                missing[name] = value
        if missing or kept_beside != beside:
            self._switch(fd, where, kept_beside | missing, old, durable)
        for name in (*drop, *missing):
            _remove(fd, name)
        if durable:
            os.fsync(fd)

    def _switch(self, fd: int, where: Where, beside: Mapping[str, bytes], old: bytes | None, durable: bool) -> None:
        """Put another overflow file, or none, in the place of the old one."""
        if beside:
            identity, held = self._overflow.write(where.bucket, where.key, fd, beside, durable=durable)
            try:
                self._point(fd, identity, beside)
            except BaseException:
                self._overflow.forget(where.bucket, identity, os.fstat(fd).st_ino)
                raise
            finally:
                os.close(held)
        else:
            _remove(fd, OVERFLOW)
        if old:
            self._overflow.forget(where.bucket, old.decode(), os.fstat(fd).st_ino)

    def _point(self, fd: int, identity: str, beside: Collection[str]) -> None:
        try:
            os.setxattr(fd, f"user.{OVERFLOW}", identity.encode())
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            for name in beside:  # even the id doesn't fit: what is in the file now makes room
                _remove(fd, name)
            os.setxattr(fd, f"user.{OVERFLOW}", identity.encode())

    def moment_of(self, path: str) -> object:
        """See Store. Just after a change nothing can tell: another may come before the clock's next tick."""
        status = os.stat(path)
        young = time.time_ns() - status.st_ctime_ns < _TICK
        return object() if young else (status.st_dev, status.st_ino, status.st_ctime_ns)

    def kept_beside(self, name: str, directory: int) -> str | None:
        """See Store."""
        path = f"/proc/self/fd/{directory}/{name}"
        identity = _get(path, OVERFLOW, follow=False)
        return f"{identity.decode()} {os.lstat(path).st_ino}" if identity else None

    def forget(self, bucket: str, beside: str) -> None:
        """See Store."""
        identity, _, inode = beside.partition(" ")
        self._overflow.forget(bucket, identity, int(inode))


def _get(at: int | str, name: str, *, follow: bool = True) -> bytes | None:
    try:
        return os.getxattr(at, "user." + name, follow_symlinks=follow)
    except OSError as error:
        if error.errno == errno.ENODATA or error.errno in ABSENT:
            return None
        raise


def _remove(fd: int, name: str) -> None:
    try:
        os.removexattr(fd, f"user.{name}")
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
