"""No attributes at all: the files are served as they are, and nothing is kept beside them.

Only uploads in parts have attributes while they are under way, in files of the work area: without them no part could
be told from another.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress

from colonnade.backends.posix import lockattributes
from colonnade.backends.posix.locks import Locks
from colonnade.backends.posix.meta import Places, Store
from colonnade.backends.posix.names import TMP, Where
from colonnade.backends.posix.paths import Root
from colonnade.backends.posix.properties import TAGS
from colonnade.backends.posix.sidecar import Sidecar
from colonnade.backends.posix.temp import Temp
from colonnade.errors import S3Error
from colonnade.rules import acl

#: Where the attributes of uploads lie, in the served directory.
UPLOADS = f"{TMP}/colonnade.uploads"

_REFUSED = frozenset({TAGS, lockattributes.RETENTION, lockattributes.HOLD})

REASON = "This gateway was started with --nometa: nothing is kept beside an object's body."


class Nothing(Store):
    """Keeps nothing, apart from what uploads need while they are under way."""

    refusal = REASON

    def __init__(self, root: Root, durable: bool) -> None:
        self._uploads = Sidecar(root, root.at(UPLOADS), "", durable)

    def read(self, fd: int, bucket: str, path: str, leave: Collection[str] = ()) -> dict[str, bytes]:
        """See Store."""
        return self._uploads.read(fd, bucket, path, leave) if _in_work_area(path) else {}

    def get(self, path: str, name: str, via: int | str | None = None) -> bytes | None:
        """See Store."""
        return self._uploads.get(path, name, via) if _in_work_area(path) else None

    def write(self, temp: Temp, where: Where, path: str, values: Mapping[str, bytes], *, durable: bool) -> None:
        """See Store. Raises NotImplemented for what a client would count on: tags, locks."""
        if _in_work_area(path):
            self._uploads.write(temp, where, path, values, durable=durable)
        else:
            _check(values)

    def stamp(self, temp: Temp, name: str, value: bytes | None) -> None:
        """See Store."""

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
        if _in_work_area(path):
            _check(values)
            self._uploads.change(fd, where, path, values, drop, durable=durable)

    def place(self, temp: Temp, bucket: str, directory: int, path: str, changed: list[int]) -> None:
        """See Store."""
        if _in_work_area(path):
            self._uploads.place(temp, bucket, directory, path, changed)
        else:
            temp.move(directory, path.rpartition("/")[2])

    def unlink(self, bucket: str, directory: int, path: str) -> None:
        """See Store."""
        os.unlink(path.rpartition("/")[2], dir_fd=directory)

    def rmdir(self, bucket: str, directory: int, path: str) -> None:
        """See Store."""
        os.rmdir(path.rpartition("/")[2], dir_fd=directory)

    def promote(self, bucket: str, source: str, directory: int, path: str) -> None:
        """See Store."""
        os.rename(source, path.rpartition("/")[2], dst_dir_fd=directory)

    def hide(self, bucket: str, path: str, gone: str) -> Callable[[], None]:
        """See Store."""
        return self._uploads.hide(bucket, path, gone)

    def rename(self, old: str, new: str) -> None:
        """See Store."""
        self._uploads.rename(old, new)

    def new_bucket(self, bucket: str) -> None:
        """See Store."""
        self._uploads.new_bucket(bucket)

    def forget_bucket(self, bucket: str) -> None:
        """See Store."""
        self._uploads.forget_bucket(bucket)

    def sweep(self, bucket: str, places: Places, locks: Locks) -> None:
        """See Store."""
        with suppress(FileNotFoundError):
            self._uploads.sweep(bucket, places, locks)


def _check(values: Mapping[str, bytes]) -> None:
    """Raise NotImplemented for what somebody would count on: tags, locks, grants to others."""
    grants = values.get("colonnade.acl")
    if not _REFUSED.isdisjoint(values) or (grants and len(acl.from_json(grants)["Grants"]) > 1):
        raise S3Error("NotImplemented", REASON)


def _in_work_area(path: str) -> bool:
    return f"/{TMP}/" in path
