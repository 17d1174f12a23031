"""Files that change places (renameat2, RENAME_EXCHANGE), where the filesystem can.

ext4 writes a file to the disk while it is renamed over another one, so that a power cut leaves either; a GiB
takes it half a second, of the event loop's. Whoever has flushed the file before doesn't notice, and whoever wants no
flushing doesn't want that either: files that change places are not written.
"""

from __future__ import annotations

import ctypes

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
    raw, named = (text.encode("utf-8", "surrogateescape") for text in (path, name))
    return bool(_renameat2(_WORKING_DIRECTORY, raw, directory, named, _EXCHANGE) == 0)
