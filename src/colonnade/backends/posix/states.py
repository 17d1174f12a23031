"""What is known of an object's file beside its bytes, remembered for as long as the file stays as it is.

Where changing attributes moves the inode's ctime, (device, inode, ctime) names one state of a file, once that moment
is well past: clocks of filesystems tick coarsely, and what was read within a tick of a change may have been read
before it. So a read of an object that was read before costs no call for its attributes.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Collection
from datetime import datetime
from typing import TypeAlias

from colonnade.backend import Answer
from colonnade.backends.posix import properties
from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.meta import Store
from colonnade.backends.posix.status import modified
from colonnade.remembered import Remembered
from colonnade.ticks import settled

#: Device, inode and ctime in nanoseconds.
Name: TypeAlias = tuple[int, int, int]

#: Files remembered in each of two generations: some 2 KiB each.
MOST = 4096


class State:
    """One state of an object: `attributes` are without ``user.``, a directory object's size is 0.

    Don't change it: it may be remembered.
    """

    __slots__ = ("_said", "attributes", "etag", "modified", "size")

    def __init__(self, status: os.stat_result, attributes: dict[str, bytes], etags: ETags) -> None:
        self.attributes = attributes
        self.size = status.st_size if stat.S_ISREG(status.st_mode) else 0
        self.modified: datetime = modified(status)
        self.etag = etags.of(status, attributes.get("etag"))
        self._said = ("", Answer())

    def said(self, key: str) -> Answer:
        """A new answer with what GetObject and HeadObject say under a key, but for length and checksum."""
        said = self._said  # with its key in one, for threads
        if said[0] != key:  # one file may have several names
            said = self._said = (key, properties.describe(key, self.attributes, self.etag, self.modified))
        return said[1].copy()


class States:
    """Reads states of open files, and remembers them."""

    def __init__(self, store: Store, etags: ETags) -> None:
        self._store = store
        self._etags = etags
        self._known: Remembered[Name, State] = Remembered(MOST)

    def known(self, name: Name) -> State | None:
        """What is remembered of one state of a file."""
        return self._known.get(name)

    def of(self, fd: int, bucket: str, path: str, leave: Collection[str] = ()) -> tuple[os.stat_result, State]:
        """An open file's status and state; attributes to `leave` may be missing.

        Raises FileNotFoundError where the object was replaced meanwhile: open it again.
        """
        status = os.fstat(fd)
        if not self._store.in_inode:
            return status, State(status, self._store.read(fd, bucket, path, leave), self._etags)
        name = (status.st_dev, status.st_ino, status.st_ctime_ns)
        known = self._known.get(name)
        if known is None:
            if not settled(status.st_dev, status.st_ctime_ns, time.time_ns()):
                return status, State(status, self._store.read(fd, bucket, path, leave), self._etags)
            known = State(status, self._store.read(fd, bucket, path), self._etags)
            self._known.put(name, known)
        return status, known
