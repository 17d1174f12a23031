"""Files that change places (renameat2, RENAME_EXCHANGE), where the filesystem can.

ext4 writes a file to the disk while it is renamed over another one, so that a power cut leaves either; a GiB
takes it half a second, of the event loop's. Whoever has flushed the file before doesn't notice, and whoever wants no
flushing doesn't want that either: files that change places are not written.
"""

from __future__ import annotations

import ctypes
import os
import stat

_renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
if _renameat2 is not None:
    _renameat2.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]

_WORKING_DIRECTORY = -100
_EXCHANGE = 2


def exchange(path: str, directory: int, name: str) -> bool:
    """Whether what lies at an absolute path and at `name` in an open directory have changed places, in one step.

    False where they are as they were: one isn't there, or the C library or the filesystem can't.
    """
    if _renameat2 is None:
        return False
    return bool(_renameat2(_WORKING_DIRECTORY, os.fsencode(path), directory, os.fsencode(name), _EXCHANGE) == 0)


def replace(path: str, directory: int, name: str) -> bool:
    """Whether the file at `path` has taken the place of another one, which is gone then.

    False where it hasn't: rename it, which says what is wrong. A directory is never touched. A file doesn't become one
    while its key's lock is held; for programs that ask for no lock it is put back.
    """
    try:
        if stat.S_ISDIR(os.stat(name, dir_fd=directory, follow_symlinks=False).st_mode):
            return False
    except OSError:
        return False
    if not exchange(path, directory, name):
        return False
    try:
        os.unlink(path)
    except IsADirectoryError:
        return not exchange(path, directory, name)
    except OSError:  # the old one is gone already, or the next start clears it: this one is in its place all the same
        pass
    return True
