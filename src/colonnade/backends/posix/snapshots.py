"""The names in a directory, sorted once and kept, so that walking a large one costs what its names cost.

A snapshot holds names, never attributes: those change without moving the directory's times. It is trusted
only while the directory's times are what they were, and only if they were well past when it was read, because
clocks tick coarsely and a second change within one tick leaves no trace. The change time is compared too, for
programs that set a directory's modification time back (rsync, tar).
"""

from __future__ import annotations

import itertools
import os
import re
import threading
import time
from array import array
from bisect import bisect_left
from collections import OrderedDict

from colonnade.ticks import settled

#: What a worker keeps of names in all, in bytes: some two million names.
BUDGET = 64 * 1024 * 1024

_HIDDEN = re.compile(rb"\.sgwtmp|\..+\.sgwtmp\.[0-9]+", re.DOTALL)

Stamp = tuple[int, int, int, int]


def hidden(name: bytes) -> bool:
    """Whether a directory entry is a work area or a name on its way to being replaced, never a key."""
    return name[:1] == b"." and _HIDDEN.fullmatch(name) is not None


class Names:
    """The names in one directory in the order of the keys they stand for: a directory's ends with ``/``.

    Kept as one string of bytes, since a million `str` would take four times the memory.
    """

    __slots__ = ("_joined", "_starts", "stamp")

    def __init__(self, names: list[bytes], stamp: Stamp) -> None:
        names.sort()
        self.stamp = stamp
        self._joined = b"\0".join(names)
        self._starts = array("Q", itertools.accumulate((len(name) + 1 for name in names), initial=0))

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: int) -> str:
        return self._bytes(index).decode()

    @property
    def size(self) -> int:
        """Bytes of memory."""
        return len(self._joined) + 8 * len(self._starts) + 400

    def find(self, name: str, low: int = 0) -> int:
        """The index of the first name from `low` on that is not less than `name`."""
        return bisect_left(range(len(self)), name.encode(), low, key=self._bytes)

    def some(self, start: int, count: int) -> list[str]:
        """Up to `count` names from index `start` on; at least one if there is one."""
        stop = min(start + count, len(self))
        return self._joined[self._starts[start] : self._starts[stop] - 1].decode().split("\0")

    def _bytes(self, index: int) -> bytes:
        return self._joined[self._starts[index] : self._starts[index + 1] - 1]


def read(path: str) -> Names:
    """Read a directory. Raises OSError.

    Only what can be a key is in it: no hidden names, no names that aren't UTF-8, no pipes or devices.
    """
    stamp = stamp_of(os.stat(path))
    names: list[bytes] = []
    with os.scandir(os.fsencode(path)) as entries:
        for entry in entries:
            name = entry.name
            if hidden(name) or not _utf8(name):
                continue
            if entry.is_dir(follow_symlinks=False):
                names.append(name + b"/")
            elif entry.is_file(follow_symlinks=False) or entry.is_symlink():
                names.append(name)
    return Names(names, stamp)


class Snapshots:
    """The snapshots of one worker, least recently used ones dropped first. Safe to use from threads."""

    def __init__(self, budget: int = BUDGET) -> None:
        self._budget = budget
        self._kept: OrderedDict[str, Names] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def kept(self, path: str) -> Names | None:
        """The snapshot of a directory if there is one that is still true. Raises OSError."""
        with self._lock:
            names = self._kept.get(path)
            if names is not None:
                self._kept.move_to_end(path)
        if names is not None and names.stamp != stamp_of(os.stat(path)):
            self._drop(path)
            return None
        return names

    def get(self, path: str) -> Names:
        """The names in a directory, read now unless they are known. Raises OSError."""
        names = self.kept(path)
        if names is None:
            before = time.time_ns()
            names = read(path)
            if lasting(names.stamp, before):
                self._keep(path, names)
        return names

    def _keep(self, path: str, names: Names) -> None:
        self._drop(path)
        if names.size > self._budget:
            return
        with self._lock:
            self._kept[path] = names
            self._size += names.size
            while self._size > self._budget:
                _, oldest = self._kept.popitem(last=False)
                self._size -= oldest.size

    def _drop(self, path: str) -> None:
        with self._lock:
            names = self._kept.pop(path, None)
            if names is not None:
                self._size -= names.size


def stamp_of(status: os.stat_result) -> Stamp:
    """The times of a directory, and which it is."""
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def lasting(stamp: Stamp, now: int) -> bool:
    """Whether the next change, even one at this very moment, would show in the directory's times."""
    return all(settled(stamp[0], then, now) for then in stamp[2:])


def _utf8(name: bytes) -> bool:
    if name.isascii():
        return True
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True
