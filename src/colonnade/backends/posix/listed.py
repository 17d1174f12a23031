"""What listings say of a file, remembered for as long as the file stays as it is.

Extended attributes change the inode's ctime, so a file's state (device, inode, ctime and what else its status tells)
stands for what its attributes are, once that moment is well past: clocks of filesystems tick coarsely, and what was
read within a tick of a change may have been read before it. Attributes that are kept elsewhere change without it:
they are not remembered.
"""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache

from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.glance import CUT, STATE, Glance, Glimpse
from colonnade.backends.posix.states import SETTLED
from colonnade.backends.posix.status import Status, moment
from colonnade.backends.posix.tree import CLASS
from colonnade.remembered import Remembered
from colonnade.rules.pages import Entry

#: Files remembered in each of two generations: some 350 bytes each.
MOST = 110_000

#: Reads an attribute by path and name.
Get = Callable[[str, str], bytes | None]

#: Last-Modified, ETag, size, storage class (None where nobody looked for it), and what is said of a checksum.
Line = tuple[datetime, str, int, str | None, Entry]

#: How a checksum begins where we wrote it: reading the whole JSON takes ten times as long.
_SUMS = re.compile(rb'\{"Algorithm":"(\w+)","Type":"(\w+)"')


class ReplacedError(Exception):
    """Another file has come into the place of the one that was asked about: look again."""


class Listed:
    """Says lines of files, and remembers them by the files' states."""

    def __init__(self, get: Get, etags: ETags, *, remember: bool = True, glance: Glance | None = None) -> None:
        self._get = get
        self._etags = etags
        self._remembers = remember
        self._glance = glance or Glance()
        self._known: Remembered[bytes, Line] = Remembered(MOST)

    def of(self, path: str, status: os.stat_result, classed: bool) -> Line:
        """The line of a file with this status; `classed` is whether to look for its storage class.

        Raises ReplacedError.
        """
        told = Status.of(status)
        known = self._known.get(STATE.pack(*told)) if self._remembers else None
        if known is not None and (known[3] is not None or not classed):
            return known
        now, get = time.time_ns(), self._get
        etag = get(path, "etag")
        storage = get(path, CLASS) or b"" if classed else None
        sums = get(path, "checksums") if etag else None  # what no gateway wrote has neither
        if not _stands(path, told):
            raise ReplacedError
        return self._line(told, now, etag, sums, storage)

    def all(self, directory: str, paths: Sequence[str], classed: bool) -> list[Line | None]:
        """The lines of files beneath a directory, as far as they can be told at once.

        None for links, for what isn't there and whatever else is to be asked for one by one.
        """
        if not self._remembers:
            return [None] * len(paths)
        try:
            fd = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return [None] * len(paths)
        try:
            return self._all(fd, paths, classed)
        finally:
            os.close(fd)

    def _all(self, directory: int, paths: Sequence[str], classed: bool) -> list[Line | None]:
        lines = self._known.all(self._glance.states(directory, paths))
        if classed:
            lines = [line if line is not None and line[3] is not None else None for line in lines]
        if None in lines and self._glance.compiled:
            now = time.time_ns()
            missing = [at for at, line in enumerate(lines) if line is None]
            some = [paths[at] for at in missing]
            found = self._glance.attributes(directory, some, _CLASSED if classed else _NAMES)
            for at, glimpse in zip(missing, found, strict=True):
                lines[at] = glimpse and self._glimpsed(glimpse, now)
        return lines

    def _glimpsed(self, glimpse: Glimpse, now: int) -> Line | None:
        """A line out of the first bytes of attributes, None if more is needed."""
        state, (etag, sums, *storage) = glimpse
        if any(value is not None and len(value) == CUT for value in (etag, *storage)):
            return None
        if sums is not None and len(sums) == CUT and _SUMS.match(sums) is None:
            return None
        return self._line(Status(*STATE.unpack(state)), now, etag, sums, storage[0] or b"" if storage else None)

    def _line(self, told: Status, now: int, etag: bytes | None, sums: bytes | None, storage: bytes | None) -> Line:
        """A line, remembered if the file had settled before its attributes were read, `now`."""
        line = (
            moment(told.st_mtime_ns // 1_000_000_000),
            self._etags.of(told, etag),
            told.st_size if stat.S_ISREG(told.st_mode) else 0,
            None if storage is None else storage.decode() or "STANDARD",
            _summed(sums) if sums and etag else _NONE,
        )
        if self._remembers and now - told.st_ctime_ns >= SETTLED:
            self._known.put(STATE.pack(*told), line)
        return line


#: What is read of a file.
_NAMES = ("user.etag", "user.checksums")
_CLASSED = (*_NAMES, f"user.{CLASS}")

_NONE: Entry = {}


def _stands(path: str, told: Status) -> bool:
    try:
        now = os.stat(path)
    except OSError:
        return False
    return (now.st_dev, now.st_ino, now.st_ctime_ns) == (told.st_dev, told.st_ino, told.st_ctime_ns)


def _summed(raw: bytes) -> Entry:
    match = _SUMS.match(raw)
    if match is not None:
        return _checksum(match[1].decode(), match[2].decode())
    kept = json.loads(raw)
    return _checksum(kept.get("Algorithm") or "", kept.get("Type") or "")


@lru_cache(maxsize=64)
def _checksum(algorithm: str, kind: str) -> Entry:
    if not algorithm:
        return _NONE
    return {"ChecksumAlgorithm": [algorithm]} | ({"ChecksumType": kind} if kind else {})
