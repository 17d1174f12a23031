"""Reading an object that was read before, in one call: what its attributes say is remembered, a small body comes along.

Only the plainest: whatever is out of the ordinary in any way is left to `found`, which reads all of them.
"""

from __future__ import annotations

import ctypes
import os
import struct
import threading

from colonnade.backends.posix import names
from colonnade.backends.posix.found import Found
from colonnade.backends.posix.glance import STATE, Glance
from colonnade.backends.posix.tree import Tree

#: The most bytes of a file that come with its state.
ROOM = 32 * 1024

#: Attributes of what has versions.
_OF_VERSIONS = ("version-id", "delete-marker")

#: The beginning of a state: device, inode and ctime, which name it.
_NAME = struct.Struct("@QQq")


class Again:
    """Looks for objects of one tree."""

    def __init__(self, tree: Tree, glance: Glance | None = None) -> None:
        self._root = tree.root
        self._states = tree.states
        plain = tree.store.in_inode and tree.versions is None and tree.root.openat2
        self._library = (glance or Glance()).library if plain else None
        self._buffer = ctypes.create_string_buffer(STATE.size + ROOM)
        self._view = memoryview(self._buffer).cast("B")
        self._at = ctypes.addressof(self._buffer)
        self._busy = threading.Lock()

    def find(self, bucket: str, key: str, *, body: bool) -> Found | None:
        """The object, with all of its bytes if `body` says so: in memory, or open where they are more than ROOM.

        None for one that isn't known, and while another thread asks. Raises S3Error for names that can be nobody's.
        """
        where = names.find(bucket, key)
        if self._library is None or where.directory or not self._busy.acquire(blocking=False):
            return None
        try:
            raw, at = where.path.encode("utf-8", "surrogateescape"), self._at
            length = self._library.glance_read(self._root.fd, raw, at, at + STATE.size if body else None, ROOM)
            if length == -1:
                return None
            fd = -2 - length if length < 0 else -1
            state = self._states.known(_NAME.unpack_from(self._buffer))
            if state is None or not state.attributes.keys().isdisjoint(_OF_VERSIONS):
                if fd >= 0:
                    os.close(fd)
                return None
            return Found(
                fd, where.path, state, None if fd >= 0 else bytes(self._view[STATE.size : STATE.size + length])
            )
        finally:
            self._busy.release()
