"""What a file's status says of an object: dates, and an ETag where none was kept."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple


class Status(NamedTuple):
    """What listings need of a status, by the names that `os.stat_result` has for it."""

    st_dev: int
    st_ino: int
    st_ctime_ns: int
    st_mtime_ns: int
    st_size: int
    st_mode: int

    @classmethod
    def of(cls, status: os.stat_result) -> Status:
        """Out of a whole one."""
        return cls(status.st_dev, status.st_ino, status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_mode)


def etag_of(status: os.stat_result | Status) -> str:
    """The ETag of a file that no gateway wrote, quoted: it changes when the file does, and is no MD5."""
    return f'"{status.st_ino:x}-{status.st_size:x}-{status.st_mtime_ns:x}"'


def modified(status: os.stat_result) -> datetime:
    """Last-Modified: whole seconds, as HTTP has them."""
    return moment(status.st_mtime_ns // 1_000_000_000)


@lru_cache(maxsize=4096)
def moment(seconds: int) -> datetime:
    """Seconds since the epoch as a date; many objects are of one second, and hot ones are asked for again."""
    return datetime.fromtimestamp(seconds, UTC)
