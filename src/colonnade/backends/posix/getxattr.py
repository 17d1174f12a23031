"""Reading an attribute of middling length in one call.

`os.getxattr` asks again, with room for 64 KiB, for whatever is longer than 128 bytes: three times as slow for what
every object carries and every listing reads.
"""

from __future__ import annotations

import ctypes
import errno
import os
import threading

#: Room for an attribute; longer ones are left to `os.getxattr`.
_ROOM = 1024

_libc = ctypes.CDLL(None, use_errno=True)
_by_path, _by_fd = _libc.getxattr, _libc.fgetxattr
_by_path.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
_by_fd.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
_by_path.restype = _by_fd.restype = ctypes.c_ssize_t


class _Room(threading.local):
    """A buffer for each thread."""

    def __init__(self) -> None:
        self.buffer = ctypes.create_string_buffer(_ROOM)
        self.address = ctypes.addressof(self.buffer)
        self.view = memoryview(self.buffer)


_room = _Room()


def getxattr(at: int | str, name: str) -> bytes:
    """An attribute by its whole name, of a path (links are followed) or an open file. Raises OSError."""
    if isinstance(at, int):
        size = _by_fd(at, name.encode(), _room.address, _ROOM)
    elif "\0" in at:
        raise ValueError("embedded null byte")
    else:
        size = _by_path(os.fsencode(at), name.encode(), _room.address, _ROOM)
    if size >= 0:
        return bytes(_room.view[:size])
    number = ctypes.get_errno()
    if number == errno.ERANGE:
        return os.getxattr(at, name)
    raise OSError(number, os.strerror(number), at)
