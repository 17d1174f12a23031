"""Moving bytes from file to file: by reflink or in the kernel, through memory only where there is no other way."""

from __future__ import annotations

import errno
import fcntl
import os

from colonnade.backends.posix import progress
from colonnade.backends.posix.temp import Temp
from colonnade.body import PIECE
from colonnade.rules.checksums import Ingest

#: Bytes copied by one system call.
STEP = 64 * 1024 * 1024

_FICLONE = 0x40049409

#: What says that the kernel can't copy between these two files by itself.
_BY_HAND = frozenset({errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})


def copy_range(source: int, offset: int, temp: Temp, length: int, by_hand: bool = False) -> None:
    """Append `length` bytes of an open file from `offset`: by reflink, else in the kernel, else `by_hand`.

    Runs in a thread. Raises OSError, EIO where the source is shorter than it was.
    """
    if not by_hand and offset == 0 and temp.size == 0 and length and _clone(source, temp.fd, length):
        temp.size = length
        return
    end = offset + length
    while offset < end:
        count = None if by_hand else _in_kernel(source, offset, temp, min(STEP, end - offset))
        if count is None:
            count = os.pwrite(temp.fd, os.pread(source, min(PIECE, end - offset), offset), temp.size)
        if not count:
            raise OSError(errno.EIO, "the source became shorter while it was copied")
        offset += count
        temp.grown(count)
    os.lseek(temp.fd, temp.size, os.SEEK_SET)


def _in_kernel(source: int, offset: int, temp: Temp, length: int) -> int | None:
    """Bytes that the kernel copied; None where it can't between these two files."""
    try:
        return os.copy_file_range(source, temp.fd, length, offset, temp.size)
    except OSError as error:
        if error.errno not in _BY_HAND:
            raise
    return None


def _clone(source: int, target: int, length: int) -> bool:
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False  # copy_file_range, which comes next, says what is really wrong
    if os.fstat(target).st_size != length:
        os.ftruncate(target, 0)
        return False
    return True


def digest(fd: int, size: int, ingest: Ingest) -> None:
    """Feed the first `size` bytes of an open file to its digests. Runs in a thread."""
    position = 0
    while position < size:
        piece = os.pread(fd, PIECE, position)
        if not piece:
            raise OSError(errno.EIO, "file ended early")
        ingest.update(piece)
        position += len(piece)
        progress.made()
