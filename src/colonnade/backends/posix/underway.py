"""Attributes on their way to where they will be kept, each file's in a directory of their own.

It is named by the path the file will have and by the file's identity, so that whoever finds the file before its
attributes finds them here; ``path`` in it says where they belong, for whoever finds them when their writer is dead. A
living writer holds an flock on it.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress

from colonnade.backends.posix import attributefiles
from colonnade.backends.posix.meta import clear
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.paths import DIRECTORY

META = "meta"

#: The attribute that says which file the attributes are of.
IDENTITY = "colonnade.identity"

AREA = f"{TMP}/colonnade.meta"

_PATH = "path"

_OTHERS = frozenset({errno.ENOENT, errno.ENOTEMPTY, errno.EEXIST})

#: Seconds until a single attribute that was being written is taken for a dead writer's.
_STALE = 3600


def identity(status: os.stat_result) -> str:
    """A file as its attributes name it: by inode and size, which stay when it is renamed or flushed."""
    return f"{status.st_ino:x}-{status.st_size:x}"


class UnderWay:
    """The attributes on their way below one directory."""

    def __init__(self, top: str) -> None:
        self._area = f"{top}/{AREA}"

    def name(self) -> str:
        """A path in the area that nothing has."""
        os.makedirs(self._area, exist_ok=True)
        return f"{self._area}/{secrets.token_hex(12)}"

    def of(self, path: str, status: os.stat_result) -> str:
        """Where the attributes of a file lie that is about to be, or just became, `path`."""
        return f"{self._area}/{identity(status)}.{hashlib.sha256(path.encode()).hexdigest()[:16]}"

    def begin(self, path: str, status: os.stat_result, held: list[int]) -> str:
        """Make that directory; what is to be flushed, and closed once it is settled, is added to `held`."""
        coming = self.of(path, status)
        os.makedirs(self._area, exist_ok=True)
        while True:
            shutil.rmtree(coming, ignore_errors=True)  # of a file that died, and whose inode this one has
            os.mkdir(coming)
            fd = os.open(coming, DIRECTORY)
            held.append(fd)
            with suppress(OSError):
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held.append(attributefiles.write(f"{coming}/{_PATH}", path.encode()))
                break
            # A gateway that starts took it for a leftover.
        held.append(os.open(self._area, DIRECTORY))
        return coming

    def settle(self, coming: str, home: str, changed: list[int]) -> None:
        """Put attributes in their place, instead of what is there; nothing happens if they are there already.

        Open directories to be flushed and closed are added to `changed`.
        """
        while True:
            try:
                os.rename(f"{coming}/{META}", f"{home}/{META}")
            except FileNotFoundError:
                if not os.path.isdir(f"{coming}/{META}"):
                    return
                attributefiles.make(home, changed)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                with suppress(FileNotFoundError):
                    os.rename(f"{home}/{META}", f"{coming}/{secrets.token_hex(4)}")
            else:
                changed.append(os.open(home, DIRECTORY))
                break
        shutil.rmtree(coming, ignore_errors=True)

    def sweep(self, mine: Callable[[str], bool], settle: Callable[[str, str], None]) -> None:
        """Go through those of dead writers: what `mine` says of the path is given to `settle`, then it is cleared."""
        try:
            there = os.listdir(self._area)
        except FileNotFoundError:
            return  # nothing was ever on its way
        for name in there:
            coming = f"{self._area}/{name}"
            fd = attributefiles.enter(coming)
            if fd is None:
                clear(coming, _old)
                continue
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path = (attributefiles.value(fd, _PATH) or b"").decode()
                if path and mine(path):
                    settle(path, coming)
                if not path or mine(path):
                    _empty(fd)
                    os.rmdir(coming)
            except BlockingIOError:
                pass  # its writer lives
            except OSError as error:
                # It was put in its place, or a writer has the name now: that of a file with the same inode and size.
                if error.errno not in _OTHERS:
                    raise
            finally:
                os.close(fd)


def _empty(directory: int) -> None:
    """Remove what is in an open directory, whatever has its name by now."""
    for name in os.listdir(directory):
        try:
            os.unlink(name, dir_fd=directory)
        except IsADirectoryError:
            shutil.rmtree(name, ignore_errors=True, dir_fd=directory)


def is_of(coming: str, path: str) -> bool:
    """Whether attributes on their way belong to the file at an absolute path."""
    try:
        return coming.rpartition("/")[2].startswith(f"{identity(os.stat(path))}.")
    except OSError:
        return False


def _old(status: os.stat_result) -> bool:
    return time.time() - status.st_mtime > _STALE
