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
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from colonnade.backends.posix import alike
from colonnade.backends.posix.alike import Line
from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.glance import ABSENT, CUT, STATE, Glance, Glimpse
from colonnade.backends.posix.status import Status, moment
from colonnade.backends.posix.tree import CLASS
from colonnade.backends.posix.versioned import MARKER
from colonnade.remembered import Remembered
from colonnade.rules.pages import Entry
from colonnade.ticks import settled

#: Files remembered in each of two generations: some 400 bytes each.
MOST = 110_000

#: More than so many paths are not asked for without looking whether any of them is remembered.
_FEW = 8

#: Reads an attribute by path and name.
Get = Callable[[str, str], bytes | None]

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

    def of(self, path: str, status: os.stat_result, classed: bool, marked: bool = False) -> Line | None:
        """The line of a file with this status; `classed` is whether to look for its storage class.

        `marked` is whether it may be a delete marker, which has none. Raises ReplacedError.
        """
        told = Status.of(status)
        known = self._known.get(STATE.pack(*told)) if self._remembers else None
        if known is not None and (known[3] is not None or not classed):
            return known
        now, get = time.time_ns(), self._get
        etag = get(path, "etag")
        storage = (get(path, CLASS) or b"").decode() if classed else None
        sums = get(path, "checksums") if etag else None  # what no gateway wrote has neither
        marker = marked and get(path, MARKER) is not None
        if not _stands(path, told):
            raise ReplacedError
        if marker:
            return None
        return self._line(STATE.pack(*told), told, now, etag, _summed(sums) if sums else _NONE, storage)

    def all(self, directory: str, paths: Sequence[str], classed: bool, marked: bool = False) -> list[Line | None]:
        """The lines of files beneath a directory, as far as they can be told at once; see `of`.

        None for links, for what isn't there and whatever else is to be asked for one by one.
        """
        if not self._remembers:
            return [None] * len(paths)
        try:
            fd = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            return [None] * len(paths)
        try:
            return self._all(fd, paths, classed, marked)
        finally:
            os.close(fd)

    def _all(self, directory: int, paths: Sequence[str], classed: bool, marked: bool) -> list[Line | None]:
        # Where not even the first, the last and one between are remembered, none will be.
        few = [paths[0], paths[len(paths) // 2], paths[-1]] if len(paths) > _FEW else []
        if few and not any(self._remembered(directory, few, classed)):
            lines: list[Line | None] = [None] * len(paths)
        else:
            lines = self._remembered(directory, paths, classed)
        if None in lines and self._glance.compiled:
            missing = [at for at, line in enumerate(lines) if line is None]
            found = self._read(directory, [paths[at] for at in missing], classed, marked)
            for at, line in zip(missing, found, strict=True):
                lines[at] = line
        return lines

    def _remembered(self, directory: int, paths: Sequence[str], classed: bool) -> list[Line | None]:
        lines = self._known.all(self._glance.states(directory, paths))
        if classed:
            return [line if line is not None and line[3] is not None else None for line in lines]
        return lines

    def _read(self, directory: int, paths: Sequence[str], classed: bool, marked: bool) -> Iterable[Line | None]:
        """Lines out of the first bytes of attributes, None where more is needed."""
        now = time.time_ns()
        names = (*_NAMES, *_CLASSED * classed, *_MARKED * marked)
        states, rows = self._glance.attributes(directory, paths, names)
        plain = None if classed or marked else self._alike(states, rows, now)
        return plain or self._singly(zip(states, rows, strict=True), now, classed, marked)

    def _alike(self, states: Sequence[bytes], rows: Sequence[Glimpse], now: int) -> list[Line] | None:
        """The lines of files that are all of the usual kind."""
        head = _head(rows[0][_SUMS_AT])
        said, last = _begun(head), alike.newest(rows)
        if said is None or last is None:
            return None
        lines = alike.lines(rows, head, said)
        if lines is not None and settled(*last, now):
            self._known.update(zip(states, lines, strict=True))
        return lines

    def _singly(
        self, seen_of: Iterable[tuple[bytes, Glimpse]], now: int, classed: bool, marked: bool
    ) -> Iterator[Line | None]:
        width = len(Status._fields)
        head, kind = b"-", _NONE  # of the checksum before, which most of a page have in common
        for state, seen in seen_of:
            _, _, _, _, _, mode, of_etag, etag, of_sums, sums, *of_class = seen
            if of_sums == ABSENT:
                said: Entry | None = _NONE
            elif sums.startswith(head):
                said = kind
            elif (said := _begun(begun := _head(sums))) is not None:
                head, kind = begun, said
            if not mode or of_etag == CUT or said is None or (classed and of_class[0] == CUT):
                yield None
                continue
            if marked and seen[-2] != ABSENT:
                yield None
                continue
            storage = None
            if classed:
                storage = "" if of_class[0] == ABSENT else of_class[1][: of_class[0]].decode()
            yield self._line(state, seen[:width], now, etag[:of_etag] if of_etag != ABSENT else None, said, storage)

    def _line(
        self, state: bytes, told: tuple[int, ...], now: int, etag: bytes | None, said: Entry, storage: str | None
    ) -> Line:
        """A line, remembered if the file had settled before its attributes were read, `now`."""
        device, _, changed, modified, size, mode = told
        line = (
            moment(modified // 1_000_000_000),
            etag.decode() if etag else self._etags.of(Status(*told), None),
            size if stat.S_ISREG(mode) else 0,
            None if storage is None else storage or "STANDARD",
            said if etag else _NONE,
        )
        if self._remembers and settled(device, changed, now):
            self._known.put(state, line)
        return line


#: What is read of a file.
_NAMES = ("user.etag", "user.checksums")
_CLASSED = (f"user.{CLASS}",)

#: Where among what is seen the checksum's first bytes are.
_SUMS_AT = len(Status._fields) + 3
_MARKED = (f"user.{MARKER}",)

_NONE: Entry = {}


def _stands(path: str, told: Status) -> bool:
    try:
        now = os.stat(path)
    except OSError:
        return False
    return (now.st_dev, now.st_ino, now.st_ctime_ns) == (told.st_dev, told.st_ino, told.st_ctime_ns)


def _summed(raw: bytes) -> Entry:
    said = _begun(_head(raw))
    if said is not None:
        return said
    kept = json.loads(raw)
    return _checksum(kept.get("Algorithm") or "", kept.get("Type") or "")


def _head(raw: bytes) -> bytes:
    """Up to the second comma: the same for all checksums of a kind."""
    return raw[: raw.find(b",", raw.find(b",") + 1)]


@lru_cache(maxsize=64)
def _begun(raw: bytes) -> Entry | None:
    """What is said of a checksum of which this is the beginning, None if that doesn't tell."""
    match = _SUMS.match(raw)
    return match and _checksum(match[1].decode(), match[2].decode())


@lru_cache(maxsize=64)
def _checksum(algorithm: str, kind: str) -> Entry:
    if not algorithm:
        return _NONE
    return {"ChecksumAlgorithm": [algorithm]} | ({"ChecksumType": kind} if kind else {})
