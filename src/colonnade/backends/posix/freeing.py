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

#: Files that are held at most: who removes more frees his own.
MOST = 128

#: Seconds until the first of some is freed, so that others come along.
_GATHER = 0.01

#: Where less is left of a filesystem, what was removed may be needed at once: bytes, and shares of bytes and of inodes.
SCARCE_BYTES, SCARCE = 1024**3, 0.05

#: Seconds for which that is known.
_LOOKED = 1.0


class Freeing:
    """Closes the last descriptors of removed files.

    Nothing is held before `begin`, and nothing of another filesystem than it names: one over a network would give the
    file another name meanwhile.
    """

    def __init__(self) -> None:
        self._library = Glance().library
        self._device = -1
        self._waiting: list[int] = []
        self._held = 0
        self._lock = threading.Lock()
        self._come = threading.Event()
        self._thread: threading.Thread | None = None
        self._ended = False
        self._scarce = True
        self._look_at = 0.0

    def begin(self, device: int) -> None:
        """Free behind from now on what lies on a filesystem of this machine's."""
        if self._thread is None:
            self._device = device
            self._thread = threading.Thread(target=self._run, name="colonnade-freeing", daemon=True)
            self._thread.start()

    @contextmanager
    def behind(self, directory: int, name: str) -> Iterator[None]:
        """While within, `name` in an open directory is removed or replaced; what it held is freed some time after."""
        held = -1
        if self._held < MOST and self.may_wait(directory):
            with suppress(OSError):  # not there, or too many are open
                held = os.open(name, _HELD, dir_fd=directory)
        try:
            yield
        finally:
            if held >= 0:
                self._let_go(held)

    def may_wait(self, directory: int) -> bool:
        """Whether what lies in an open directory may be freed some time later."""
        if self._thread is None or os.fstat(directory).st_dev != self._device:
            return False
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOKED
            self._scarce = _scarce(directory)
        return not self._scarce

    def _let_go(self, fd: int) -> None:
        with self._lock:
            ended = self._ended
            if not ended:
                self._waiting.append(fd)
                self._held += 1
        if ended:
            self._close([fd])
        elif not self._come.is_set():
            self._come.set()

    def _run(self) -> None:
        while True:
            self._come.wait()
            time.sleep(_GATHER)
            self._come.clear()
            while fds := self._taken():
                self._close(fds)
                with self._lock:
                    self._held -= len(fds)
            if self._ended:
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
            with self._lock:
                self._ended = True
            self._come.set()
            if wait:
                thread.join()


def _scarce(directory: int) -> bool:
    """Whether the filesystem of an open directory is nearly full, or doesn't tell; some don't count inodes."""
    try:
        there = os.fstatvfs(directory)
    except OSError:
        return True
    left, size = there.f_bavail * there.f_frsize, there.f_blocks * there.f_frsize
    return left < SCARCE_BYTES or left < size * SCARCE or there.f_favail < there.f_files * SCARCE
