"""Attributes kept as extended attributes of the files: the usual store."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial

from colonnade.backends.posix.errors import ABSENT, NO_ROOM
from colonnade.backends.posix.getxattr import getxattr
from colonnade.backends.posix.locks import Locks
from colonnade.backends.posix.meta import Places, Store, clear, moment_of
from colonnade.backends.posix.names import TMP, Where
from colonnade.backends.posix.overflow import DIRECTORY as OVERFLOWS
from colonnade.backends.posix.overflow import Overflow
from colonnade.backends.posix.paths import DIRECTORY, Root
from colonnade.backends.posix.temp import Temp

#: Carries the id of the overflow file.
OVERFLOW = "colonnade.overflow"

#: Never moved out: what listings read of every object, and what decides whether it is one.
_KEPT = frozenset(
    {
        "etag",
        "checksums",
        "content-type",
        "version-id",
        "delete-marker",
        "versioning",
        "ownership",
        "bucket-lock",
        "colonnade.storage-class",
        OVERFLOW,
    }
)


#: Longer, as a rule, than what `os.getxattr` reads in one call.
_LONG = frozenset({"checksums", "acl", "metadata"})


class Xattrs(Store):
    """Extended attributes ``user.*`` on the files, and overflow files for what doesn't fit."""

    in_inode = True

    def __init__(self, root: Root) -> None:
        self._root = root
        self._overflow = Overflow(root)

    def read(self, fd: int, bucket: str, path: str, leave: Collection[str] = ()) -> dict[str, bytes]:
        """See Store."""
        found = {
            name[5:]: getxattr(fd, name) if name[5:] in _LONG else os.getxattr(fd, name)
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

    def get(self, path: str, name: str, via: int | str | None = None) -> bytes | None:
        """See Store."""
        at = self._root.at(path) if via is None and path[0] != "/" else path if via is None else via
        value = _get(at, name)
        if name in _KEPT:
            return value
        identity = _get(at, OVERFLOW)
        if identity is None:
            return value
        bucket = path.removeprefix(self._root.path).lstrip("/").partition("/")[0]
        try:
            return self._overflow.read(bucket, identity.decode()).get(name, value)
        except FileNotFoundError:
            return value

    def write(self, temp: Temp, where: Where, path: str, values: Mapping[str, bytes], *, durable: bool) -> None:
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
        self,
        fd: int,
        where: Where,
        path: str,
        values: Mapping[str, bytes],
        drop: Collection[str] = (),
        *,
        durable: bool,
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

    def place(self, temp: Temp, bucket: str, directory: int, path: str, changed: list[int]) -> None:
        """See Store."""
        name = _name(path)
        beside = self._kept_beside(bucket, name, directory)
        temp.move(directory, name)
        self._forget(bucket, beside)

    def appear(self, temp: Temp, directory: int, name: str) -> bool:
        """See Store."""
        return temp.appear(directory, name)

    def unlink(self, bucket: str, directory: int, path: str) -> None:
        """See Store."""
        name = _name(path)
        beside = self._kept_beside(bucket, name, directory)
        os.unlink(name, dir_fd=directory)
        self._forget(bucket, beside)

    def rmdir(self, bucket: str, directory: int, path: str) -> None:
        """See Store."""
        name = _name(path)
        beside = self._kept_beside(bucket, name, directory)
        os.rmdir(name, dir_fd=directory)
        self._forget(bucket, beside)

    def promote(self, bucket: str, source: str, directory: int, path: str) -> None:
        """See Store."""
        name = _name(path)
        beside = self._kept_beside(bucket, name, directory)
        os.rename(source, name, dst_dir_fd=directory)
        self._forget(bucket, beside)

    def hide(self, bucket: str, path: str, gone: str) -> Callable[[], None]:
        """See Store."""
        source, hidden = self._root.at(path), self._root.at(gone)
        above, _, name = source.rpartition("/")
        fd = os.open(above, DIRECTORY)
        try:
            beside = self._kept_beside(bucket, name, fd)
        finally:
            os.close(fd)
        os.rename(source, hidden)
        with suppress(OSError):  # other uploads of the key are under way
            os.rmdir(above)

        def remove() -> None:
            shutil.rmtree(hidden, ignore_errors=True)
            self._forget(bucket, beside)

        return remove

    def moment_of(self, path: str) -> object:
        """See Store."""
        return moment_of(os.stat(path))

    def _kept_beside(self, bucket: str, name: str, directory: int) -> tuple[str, int] | None:
        """The id of the named entry's overflow file and the entry's inode; None if it has none."""
        if not self._overflow.used(bucket):
            return None
        path = f"/proc/self/fd/{directory}/{name}"
        identity = _get(path, OVERFLOW, follow=False)
        return (identity.decode(), os.lstat(path).st_ino) if identity else None

    def _forget(self, bucket: str, beside: tuple[str, int] | None) -> None:
        if beside is not None:
            self._overflow.forget(bucket, *beside)

    def sweep(self, bucket: str, places: Places, locks: Locks) -> None:
        """Clear overflow files that their key's object doesn't carry the id of."""
        directory = self._root.at(f"{bucket}/{TMP}/{OVERFLOWS}")
        if self._root.linked(bucket, OVERFLOWS):
            return
        with suppress(OSError):
            for name in os.listdir(directory):
                path = f"{directory}/{name}"
                clear(path, partial(self._orphaned, path, name, places))

    def _orphaned(self, path: str, identity: str, places: Places, _: os.stat_result) -> bool:
        try:
            with open(path, "rb") as file:
                key = str(json.load(file)["key"]).removesuffix("/")
        except (OSError, ValueError, KeyError):
            return True  # its writer died while writing it
        return all(self.get(at, OVERFLOW) != identity.encode() for at in places(key))


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _get(at: int | str, name: str, *, follow: bool = True) -> bytes | None:
    try:
        if name in _LONG and follow:
            return getxattr(at, "user." + name)
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
