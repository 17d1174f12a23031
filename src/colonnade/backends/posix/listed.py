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
MOST = 32_768

#: Reads an attribute by path and name.
Get = Callable[[str, str], bytes | None]

#: How a checksum begins where we wrote it: reading the whole JSON takes ten times as long.
_SUMS = re.compile(rb'\{"Algorithm":"(\w+)","Type":"(\w+)"')


class Listed:
    """Remembers ETag, storage class and kind of checksum by a file's state."""

    def __init__(self, get: Get, etags: ETags, *, remember: bool = True) -> None:
        self._get = get
        self._etags = etags
        self._remembers = remember
        self._known: Remembered[tuple[int, int, int, bool], Entry] = Remembered(MOST)

    def of(self, path: str, status: os.stat_result, classed: bool) -> Entry:
        """ETag, StorageClass and what is said of a checksum. Don't change it: it may be remembered."""
        if not self._remembers:
            return self._read(path, status, classed)
        state = (status.st_dev, status.st_ino, status.st_ctime_ns, classed)
        found = self._known.get(state)
        if found is None:
            found = self._read(path, status, classed)
            if time.time_ns() - status.st_ctime_ns >= SETTLED:
                self._known.put(state, found)
        return found

    def _read(self, path: str, status: os.stat_result, classed: bool) -> Entry:
        get = self._get
        entry: Entry = {
            "ETag": self._etags.of(status, get(path, "etag")),
            "StorageClass": ((classed and get(path, CLASS)) or b"STANDARD").decode(),
        }
        sums = get(path, "checksums")
        return entry | _summed(sums) if sums else entry


def _summed(raw: bytes) -> Entry:
    match = _SUMS.match(raw)
    if match is not None:
        return _checksum(match[1].decode(), match[2].decode())
    kept = json.loads(raw)
    return _checksum(kept.get("Algorithm") or "", kept.get("Type") or "")


@lru_cache(maxsize=64)
def _checksum(algorithm: str, kind: str) -> Entry:
    if not algorithm:
        return {}
    return {"ChecksumAlgorithm": [algorithm]} | ({"ChecksumType": kind} if kind else {})
