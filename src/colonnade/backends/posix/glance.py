"""What a listing asks of the files on a page: their states, in one call for all, and attributes of those not known.

Python makes half a dozen objects for each status it is given, which costs as much as the kernel takes. Where the
installation found a C compiler the library beside this file (glance.c) does it for a whole page; where it didn't,
listings say the same in more time.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from colonnade.backends.posix.status import Status

#: The state of a file: its `Status` as bytes. Whatever changes a file or its extended attributes changes that, once the
#: clock of its filesystem has ticked.
STATE = struct.Struct("@QQqqqQ")

#: The state of what isn't there.
NOTHING = bytes(STATE.size)

#: The most bytes that are told of an attribute: there may be more.
CUT = 63

#: The version of the library that this module knows.
_VERSION = 6

#: What stands in the place of the length of an attribute that a file lacks.
ABSENT = 255

#: The parts of a file's state; behind these, for each attribute, how many of its bytes follow, and `CUT` bytes.
Glimpse = tuple[Any, ...]


class Glance:
    """The calls, by the library at `path` if that can be loaded."""

    def __init__(self, path: str | None = None) -> None:
        #: What `again` reads with.
        self.library = _load(path or str(Path(__file__).with_name("libglance.so")))
        self.states: Callable[[int, Sequence[str]], list[bytes]] = self._states if self.library else plain_states

    @property
    def compiled(self) -> bool:
        """Whether the library is used: only then can `attributes` be asked for."""
        return self.library is not None

    def _states(self, directory: int, paths: Sequence[str]) -> list[bytes]:
        """The states of files beneath an open directory, links not followed; NOTHING for what isn't there."""
        assert self.library is not None
        size, count = STATE.size, len(paths)
        out = ctypes.create_string_buffer(size * count)
        self.library.glance_states(directory, _joined(paths), count, out)
        raw = out.raw
        return [raw[at : at + size] for at in range(0, size * count, size)]

    def attributes(
        self, directory: int, paths: Sequence[str], names: Sequence[str]
    ) -> tuple[list[bytes], list[Glimpse]]:
        """States of files beneath an open directory, and what is seen of each: status and attributes of one moment.

        The mode is 0 for what is neither regular file nor directory, isn't there or can't be read: ask for those one
        by one.
        """
        assert self.library is not None
        record = _record(len(names))
        size, count = record.size, len(paths)
        out = ctypes.create_string_buffer(size * count)
        wanted = (ctypes.c_char_p * len(names))(*(name.encode() for name in names))
        self.library.glance_attributes(directory, _joined(paths), count, wanted, len(names), out)
        raw, width = out.raw, STATE.size
        states = [raw[at : at + width] for at in range(0, size * count, size)]
        return states, list(record.iter_unpack(raw))


@lru_cache(maxsize=4)
def _record(attributes: int) -> struct.Struct:
    return struct.Struct(STATE.format + f"B{CUT}s" * attributes)


def plain_states(directory: int, paths: Sequence[str]) -> list[bytes]:
    """What `Glance.states` says, without the library."""
    stat = os.stat
    found = []
    for path in paths:
        try:
            found.append(STATE.pack(*Status.of(stat(path, dir_fd=directory, follow_symlinks=False))))
        except OSError:
            found.append(NOTHING)
    return found


def _joined(paths: Sequence[str]) -> bytes:
    return "\0".join(paths).encode() + b"\0"


@lru_cache(maxsize=4)
def _load(path: str) -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(path)
        if ctypes.c_int.in_dll(library, "glance_version").value != _VERSION:
            return None
    except (OSError, ValueError):
        return None
    library.glance_states.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_long, ctypes.c_void_p]
    library.glance_attributes.argtypes = [
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_long,
        ctypes.POINTER(ctypes.c_char_p),
        ctypes.c_long,
        ctypes.c_void_p,
    ]
    library.glance_read.argtypes = [
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_long,
    ]
    library.glance_read.restype = ctypes.c_long
    library.glance_enter.argtypes = [
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
        ctypes.c_char_p,
        ctypes.c_int,
        ctypes.c_char_p,
    ]
    library.glance_enter.restype = ctypes.c_int64
    library.glance_close.argtypes = [ctypes.c_void_p, ctypes.c_long]
    library.glance_states.restype = library.glance_attributes.restype = library.glance_close.restype = None
    return library
