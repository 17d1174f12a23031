"""A bucket's directory tree as keys in S3's order, reading only the directories that a page needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping

from colonnade.backends.posix.occupied import Occupied
from colonnade.backends.posix.snapshots import Names, Snapshots, hidden

#: Names taken out of a snapshot at a time.
_CHUNK = 256


class _Level:
    """One directory on the way down: the key prefix it stands for, its path, and how far we are in it."""

    __slots__ = ("names", "next", "path", "prefix")

    def __init__(self, prefix: str, path: str, names: Names) -> None:
        self.prefix = prefix
        self.path = path
        self.names = names
        self.next = 0

    def __iter__(self) -> Iterator[str]:
        while self.next < len(self.names):
            for name in self.names.some(self.next, _CHUNK):
                self.next += 1
                yield name


class Walk:
    """A cursor (see :mod:`colonnade.rules.pages`) over the keys in a directory tree.

    Gives keys and the paths they lie at. A directory is a key only where `is_object` says so; `is_deleted`
    hides a file (a delete marker), None where nothing is hidden. Where everything in a directory would be
    rolled up into one common prefix it is only looked into for a first key, and stands for all of them.
    """

    def __init__(
        self,
        root: str,
        snapshots: Snapshots,
        *,
        prefix: str,
        delimiter: str,
        is_object: Callable[[str], bool],
        is_deleted: Callable[[str], bool] | None = None,
        read: Mapping[str, Names] | None = None,
        occupied: Occupied | None = None,
    ) -> None:
        self._root = root
        self._snapshots = snapshots
        self._rolled_from = len(prefix) if delimiter == "/" else None
        self._is_object = is_object
        self._is_deleted = is_deleted
        self._read = read or {}
        self._occupied = occupied or Occupied()
        self._moved = False
        self._stack: list[_Level] = []
        self._pending = ""  # the directory that the prefix names, while it is still to come as a key itself
        self._start(prefix)
        self._keys = self._walk()

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return self._keys

    def __next__(self) -> tuple[str, str]:
        return next(self._keys)

    def seek(self, start: str) -> None:
        """Go forward to the first key that is not less than `start`."""
        if self._pending and start > self._pending:
            self._pending = ""
        while self._stack:
            level = self._stack[-1]
            if start.startswith(level.prefix):
                self._seek_in(level, start[len(level.prefix) :])
                return
            if start < level.prefix:
                return
            self._stack.pop()
            self._moved = True

    def _seek_in(self, level: _Level, rest: str) -> None:
        if level.next < len(level.names) and level.names[level.next] >= rest:
            return
        self._moved = True
        head, slash, tail = rest.partition("/")
        level.next = level.names.find(head + slash, level.next)
        if tail and level.next < len(level.names) and level.names[level.next] == head + slash:
            level.next += 1
            child = self._enter(level, head + slash)
            if child is not None:
                self._seek_in(child, tail)

    def _start(self, prefix: str) -> None:
        """Begin in the directory that the prefix names: nothing above or beside it is read."""
        above, slash, rest = prefix.rpartition("/")
        path = self._root
        for name in above.split("/") if slash else ():
            path = f"{path}/{name}"
            # "//", "." and ".." are in no key that this backend holds; a linked directory is not descended.
            if name in ("", ".", "..") or "\0" in name or hidden(os.fsencode(name)) or not _is_directory(path):
                return
        if slash and not rest and self._is_object(path):
            self._pending = prefix
        self._push(above + slash, path)

    def _enter(self, level: _Level, name: str) -> _Level | None:
        return self._push(level.prefix + name, level.path + name[:-1])

    def _push(self, prefix: str, path: str) -> _Level | None:
        try:
            names = self._read.get(path) or self._snapshots.get(path)
        except (FileNotFoundError, NotADirectoryError):
            return None  # removed while we were on the way
        level = _Level(prefix, path + "/", names)
        self._stack.append(level)
        return level

    def _walk(self) -> Iterator[tuple[str, str]]:
        if self._pending:
            yield self._pending, f"{self._root}/{self._pending[:-1]}"
        while self._stack:
            level = self._stack[-1]
            self._moved = False
            yield from self._files(level)
            if self._stack and self._stack[-1] is level and not self._moved:
                self._stack.pop()

    def _files(self, level: _Level) -> Iterator[tuple[str, str]]:
        """The keys right in a directory, up to its end or the next directory in it, which is then entered."""
        prefix, path, is_deleted = level.prefix, level.path, self._is_deleted
        for name in level:
            if name[-1] == "/":
                yield from self._directory(level, name)
                if self._moved or self._stack[-1] is not level:
                    return
            elif is_deleted is None or not is_deleted(path + name):
                yield prefix + name, path + name
                if self._moved:
                    return

    def _directory(self, level: _Level, name: str) -> Iterator[tuple[str, str]]:
        key, path = level.prefix + name, level.path + name[:-1]
        if self._rolled_from is not None and len(key) > self._rolled_from:
            if self._occupied.holds(path, self._is_object, self._is_deleted):
                yield key, path
            return
        self._enter(level, name)
        if self._is_object(path):
            yield key, path


def _is_directory(path: str) -> bool:
    try:
        return os.path.isdir(path) and not os.path.islink(path)
    except (OSError, ValueError):
        return False
