"""Bringing a file to the disk while more of it comes, so that the flush at its end has little left to wait for.

Left to itself the kernel begins after half a minute, or when a tenth of the memory waits to be written.
"""

from __future__ import annotations

import ctypes
import errno
import os

#: Bytes that are begun at a time.
STEP = 8 * 1024 * 1024

_sync_file_range = getattr(ctypes.CDLL(None, use_errno=True), "sync_file_range", None)
if _sync_file_range is not None:
    _sync_file_range.argtypes = [ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint]

_WRITE = 2

#: Kernels and filesystems that don't have it.
_NOT_HERE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ESPIPE})


class WriteBack:
    """How far an open file's writing was begun. Waits where the disk has enough to do, so call it in a thread."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._begun = 0

    def reached(self, size: int) -> None:
        """So much of the file is there. Raises OSError, for what fails now its flush need not tell again."""
        if size - self._begun >= STEP and _sync_file_range is not None:
            done = _sync_file_range(self._fd, self._begun, size - self._begun, _WRITE)
            if done < 0 and (number := ctypes.get_errno()) not in _NOT_HERE:
                raise OSError(number, os.strerror(number))
            self._begun = size
