"""Beginning a change of one key in one call: its lock, its directory, and its name for a new file if nothing has it.

That is half of the system calls of a small PutObject, and all that holds its lock. Only the plainest: what would have
to be waited for or made first, or is out of the ordinary in any other way, is left to `locks` and `parents`.
"""

from __future__ import annotations

from typing import NamedTuple

from colonnade.backends.posix.glance import Glance
from colonnade.backends.posix.locks import Locks, stripe_of
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.paths import Root
from colonnade.backends.posix.temp import Temp


class Entered(NamedTuple):
    """Open descriptors: of the key's directory, and of its lock, which is -1 if the file has its name already."""

    directory: int
    lock: int


class Entering:
    """Begins changes in one tree. `in_inode` is whether files, and so buckets, have attributes of their own."""

    def __init__(self, root: Root, locks: Locks, *, in_inode: bool, glance: Glance | None = None) -> None:
        self._root = root
        self._locks = locks
        self._library = (glance or Glance()).library if in_inode and root.openat2 else None

    def enter(self, where: Where, temp: Temp | None = None) -> Entered | None:
        """The lock of a key, taken, and its directory; None, with nothing done, where that needs more than one call.

        If `temp` has no name, the key is new and its bucket never kept versions, the file is the key's object then.
        """
        library = self._library
        if library is None or where.directory:
            return None
        bucket = None if where.parent == where.bucket else _raw(self._root.at(where.bucket))
        done = library.glance_enter(
            _raw(self._locks.file(where.bucket, stripe_of(where.path))),
            self._root.fd,
            _raw(where.parent),
            bucket,
            temp.fd if temp is not None and temp.path is None else -1,
            _raw(where.name),
        )
        if done < 0:
            return None
        lock = (done >> 32) - 1
        if lock < 0 and temp is not None:
            temp.undo.clear()
        return Entered(done & 0xFFFFFFFF, lock)


def _raw(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
