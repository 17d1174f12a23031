"""Files that are still being written: they lie in the bucket's work area and become visible in one step.

They have no name at all (O_TMPFILE) and vanish with their writer. Where a filesystem doesn't have that, or a name
is what replaces another file, they have one; an flock on them says that their writer lives, so that whoever starts
next can tell its leftovers from work in progress.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import random
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from colonnade.backends.posix import progress
from colonnade.backends.posix.direct import Writer
from colonnade.backends.posix.exchange import replace
from colonnade.backends.posix.locks import make_work_area
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.owners import NOBODY
from colonnade.backends.posix.paths import Root
from colonnade.backends.posix.writeback import WriteBack
from colonnade.errors import S3Error

T = TypeVar("T")

# Not os.posix_fallocate, which writes to every block where the filesystem can't reserve.
_fallocate = ctypes.CDLL(None, use_errno=True).fallocate
_fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
_KEEP_SIZE = 1

#: Begins the names of temporary files of ours, and of directories that were thrown away.
PREFIX, GONE = "colonnade.tmp.", "colonnade.gone."

#: From this size on room is reserved first.
RESERVED_FROM = 1024 * 1024

#: What open says where O_TMPFILE isn't to be had.
_NO_TMPFILE = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL})


class Temp:
    """A file that nobody sees yet. `size` bytes have been written. A context manager: what was not moved goes.

    `extra` are descriptors that live as long: of attributes that are kept beside it; `undo` is run when it goes without
    having been moved. `attributes` is the metadata store's: where it keeps them until then. `owner` is whose it is, and
    whose the directories are that are made for it. `durable` is whether it is on disk before it is moved.
    """

    def __init__(
        self, root: Root, bucket: str, expected: int | None = None, *, unnamed: bool = True, durable: bool = True
    ) -> None:
        self._root = root
        self._durable = durable
        self._bucket = bucket
        self.size = 0
        self.extra: list[int] = []
        self.undo: list[Callable[[], object]] = []
        self.attributes = ""
        self.owner = NOBODY
        self.direct: Writer | None = None
        self.path: str | None = None
        self.fd = -1
        if unnamed:
            self.fd = self._unnamed()
        if self.fd < 0:
            self.fd, self.path = self._named()
        self._back = WriteBack(self.fd) if durable else None
        if expected is not None and expected > RESERVED_FROM:
            self._reserve(expected)

    def _unnamed(self) -> int:
        flags = os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC
        try:
            return self._root.open(f"{self._bucket}/{TMP}", flags)
        except OSError as error:
            if error.errno not in _NO_TMPFILE:
                raise
        return -1

    def _named(self) -> tuple[int, str]:
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
        while True:
            path = self._new_path()
            fd = within(self._root, self._bucket, self._root.open, path, flags)
            fcntl.flock(fd, fcntl.LOCK_EX)
            if os.fstat(fd).st_nlink:
                return fd, self._root.at(path)
            os.close(fd)  # a gateway that starts took it for a leftover

    def _new_path(self) -> str:
        # Nobody is kept out by not knowing it, O_EXCL is; asking the kernel for a secret would cost a system call.
        return f"{self._bucket}/{TMP}/{PREFIX}{random.getrandbits(64):016x}"

    def _reserve(self, size: int) -> None:
        if _fallocate(self.fd, _KEEP_SIZE, 0, size) < 0:
            number = ctypes.get_errno()
            if number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                self.close()
                raise OSError(number, os.strerror(number))

    def write(self, pieces: list[bytes]) -> None:
        """Append the pieces."""
        if self.direct is not None:
            self.direct.write(pieces)
            self.size += sum(map(len, pieces))
            return
        for piece in pieces:
            count = os.write(self.fd, piece)
            while count < len(piece):
                count += os.write(self.fd, memoryview(piece)[count:])
            self.grown(count)

    def grown(self, count: int) -> None:
        """So many bytes were written behind the others."""
        self.size += count
        progress.made()
        if self._back is not None:
            self._back.reached(self.size)

    def past_the_cache(self, size: int) -> None:
        """Write past the page cache from now on, through a buffer of `size` bytes; `finish` must end it."""
        self.direct = Writer(self.fd, size)

    def finish(self) -> None:
        """Write what is still in that buffer. Raises OSError."""
        if self.direct is not None:
            self.direct.finish()
            self.direct = None

    @property
    def descriptors(self) -> list[int]:
        """What must be flushed until it is on disk: itself, and what is kept beside it."""
        return [self.fd, *self.extra]

    def appear(self, directory: int, name: str) -> bool:
        """Make it visible as `name` in the open directory if nothing has that name, and say whether it is now.

        Always False for one that has a name already. Raises FileNotFoundError if that directory is gone.
        """
        if self.path is not None:
            return False
        try:
            # src_dir_fd is what makes CPython call linkat with AT_SYMLINK_FOLLOW.
            os.link(f"/proc/self/fd/{self.fd}", name, src_dir_fd=0, dst_dir_fd=directory)
        except FileExistsError:
            return False
        self.undo.clear()
        return True

    def move(self, directory: int, name: str) -> None:
        """Make it visible as `name` in the open directory, in the place of any file there.

        Raises FileNotFoundError if that directory is gone, IsADirectoryError if a directory has the name.
        """
        if self.appear(directory, name):
            return
        if self.path is None:
            self._give_name()
        assert self.path is not None
        if self._durable or not replace(self.path, directory, name):
            os.rename(self.path, name, dst_dir_fd=directory)
        self.path = None
        self.undo.clear()

    def _give_name(self) -> None:
        fcntl.flock(self.fd, fcntl.LOCK_EX)
        path = self._root.at(self._new_path())
        within(self._root, self._bucket, _link, self.fd, path)
        self.path = path

    def close(self) -> None:
        """Forget it, unless it was moved."""
        path, self.path = self.path, None
        if path is not None:
            with suppress(FileNotFoundError):  # the bucket may have been deleted
                os.unlink(path)
        for undo in self.undo:
            undo()
        self.undo.clear()
        for fd in (self.fd, *self.extra):
            os.close(fd)
        self.fd, self.extra = -1, []

    def __enter__(self) -> Temp:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _link(fd: int, path: str) -> None:
    os.link(f"/proc/self/fd/{fd}", path, src_dir_fd=0)


def within(root: Root, bucket: str, function: Callable[..., T], *arguments: object) -> T:
    """Call something that needs the bucket's work area, which is made if it is missing.

    Raises NoSuchBucket.
    """
    for _ in range(10):
        try:
            return function(*arguments)
        except FileNotFoundError:
            make_work_area(root, bucket)
    raise S3Error("ServiceUnavailable")
