"""Freeing what removed files held, behind whoever removes them.

A file's blocks are freed with its last name and its last descriptor; the disk may be told of each (discard) and waited
for, three to six times as long as all the rest of a removal takes. So a descriptor outlives the name by a moment, and a
thread closes many of them in one call.
"""

from __future__ import annotations

import ctypes
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from colonnade.backends.posix.glance import Glance

#: Neither read nor write permission is needed, and no FIFO's other end.
_HELD = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC

#: Files that wait to be freed at most: who removes more frees his own.
MOST = 128

#: Seconds until the first of some is freed, so that others come along.
_GATHER = 0.01

#: Where less is left of a filesystem, what was removed may be needed at once: bytes, and shares of bytes and of inodes.
SCARCE_BYTES, SCARCE = 1024**3, 0.05

#: Seconds for which that is known.
_LOOKED = 1.0


class Freeing:
    """Closes the last descriptors of removed files. Nothing is held before `begin`: a filesystem over a network would
    give the file another name meanwhile."""

    def __init__(self) -> None:
        self._library = Glance().library
        self._waiting: list[int] = []
        self._lock = threading.Lock()
        self._come = threading.Event()
        self._thread: threading.Thread | None = None
        self._ending = False
        self._scarce = False
        self._look_at = 0.0

    def begin(self) -> None:
        """Free behind from now on: for a filesystem of this machine's."""
        self._thread = threading.Thread(target=self._run, name="colonnade-freeing", daemon=True)
        self._thread.start()

    @contextmanager
    def behind(self, directory: int, name: str) -> Iterator[None]:
        """While within, `name` in an open directory is removed or replaced; what it held is freed some time after."""
        held = -1
        if len(self._waiting) < MOST and self.may_wait(directory):
            with suppress(OSError):  # not there, or too many are open
                held = os.open(name, _HELD, dir_fd=directory)
        try:
            yield
        finally:
            if held >= 0:
                self._let_go(held)

    def may_wait(self, directory: int) -> bool:
        """Whether what lies in an open directory may be freed some time later."""
        if self._thread is None:
            return False
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOKED
            self._scarce = True
            with suppress(OSError):
                self._scarce = _scarce(os.fstatvfs(directory))
        return not self._scarce

    def _let_go(self, fd: int) -> None:
        with self._lock:
            self._waiting.append(fd)
            first = len(self._waiting) == 1
        if first:
            self._come.set()

    def _run(self) -> None:
        while True:
            self._come.wait()
            time.sleep(_GATHER)
            self._come.clear()
            while fds := self._taken():
                self._close(fds)
            if self._ending:
                return

    def _taken(self) -> list[int]:
        with self._lock:
            fds, self._waiting = self._waiting, []
        return fds

    def _close(self, fds: list[int]) -> None:
        if self._library is None:
            for fd in fds:
                with suppress(OSError):  # of a disk that fails; who removed the file was told of what concerns him
                    os.close(fd)
        else:
            self._library.glance_close((ctypes.c_int * len(fds))(*fds), len(fds))

    def close(self, *, wait: bool = True) -> None:
        """End; `wait` until what is left is freed."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ending = True
            self._come.set()
            if wait:
                thread.join()


def _scarce(there: os.statvfs_result) -> bool:
    """Whether a filesystem is nearly full; some don't count inodes."""
    left, size = there.f_bavail * there.f_frsize, there.f_blocks * there.f_frsize
    return left < SCARCE_BYTES or left < size * SCARCE or there.f_favail < there.f_files * SCARCE
