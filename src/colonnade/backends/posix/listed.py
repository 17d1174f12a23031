"""What listings say of a file beside its size and date, remembered for as long as the file stays as it is.

Extended attributes change the inode's ctime, so (inode, ctime) names one state of a file, once that moment is well
past: clocks of filesystems tick coarsely, and what was read within a tick of a change may have been read before it.
Attributes that are kept elsewhere change without it: they are not remembered.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from functools import lru_cache

from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.states import SETTLED
from colonnade.backends.posix.tree import CLASS
from colonnade.remembered import Remembered
from colonnade.rules.pages import Entry

#: Files remembered in each of two generations: some 300 bytes each.
MOST = 110_000

#: Reads an attribute by path and name.
Get = Callable[[str, str], bytes | None]

#: ETag, storage class, and what is said of a checksum.
Said = tuple[str, str, Entry]

#: How a checksum begins where we wrote it: reading the whole JSON takes ten times as long.
_SUMS = re.compile(rb'\{"Algorithm":"(\w+)","Type":"(\w+)"')


class Listed:
    """Remembers ETag, storage class and kind of checksum by a file's state."""

    def __init__(self, get: Get, etags: ETags, *, remember: bool = True) -> None:
        self._get = get
        self._etags = etags
        self._remembers = remember
        self._known: Remembered[int, Said] = Remembered(MOST)

    def of(self, path: str, status: os.stat_result, classed: bool) -> Said:
        """What is said of a file with this status; `classed` is whether to look for its storage class."""
        if not self._remembers:
            return self._read(path, status, classed)
        # One number of all four is a third of the memory of a tuple, and there are many.
        state = (((status.st_dev << 64 | status.st_ino) << 64) | status.st_ctime_ns) << 1 | classed
        found = self._known.get(state)
        if found is None:
            found = self._read(path, status, classed)
            if time.time_ns() - status.st_ctime_ns >= SETTLED:
                self._known.put(state, found)
        return found

    def _read(self, path: str, status: os.stat_result, classed: bool) -> Said:
        get = self._get
        etag = get(path, "etag")
        storage = (get(path, CLASS) or b"").decode() if classed else ""
        sums = get(path, "checksums") if etag else None  # what no gateway wrote has neither
        return self._etags.of(status, etag), storage or "STANDARD", _summed(sums) if sums else _NONE


_NONE: Entry = {}


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
