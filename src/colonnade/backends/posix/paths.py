"""The served directory, and opening what lies in its buckets without ever leaving them through a symlink.

Where the kernel has openat2 (Linux 5.6) RESOLVE_BENEATH does that in one call, 1 µs more than open; elsewhere
each step is taken with O_NOFOLLOW, which refuses every symlink.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
from contextlib import suppress

from colonnade.backends.posix.names import TMP
from colonnade.errors import S3Error

_OPENAT2 = 437

# What openat2 is to refuse: magic links and ways out; or every link, and then no bucket can be left for another.
_BENEATH = 0x08 | 0x02
_NO_LINKS = _BENEATH | 0x04


class _How(ctypes.Structure):
    _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))


_syscall = ctypes.CDLL(None, use_errno=True).syscall
_syscall.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t]
_syscall.restype = ctypes.c_long
_SIZE = ctypes.sizeof(_How)
_hows: dict[tuple[int, int], tuple[_How, int]] = {}

#: For reading a file: never waits for a FIFO's writer.
READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC

#: Permissions of what an open makes: openat2 refuses any where nothing is made.
_MODE = 0o644


def _how(flags: int, resolve: int) -> int:
    known = _hows.get((flags, resolve))
    if known is None:
        makes = flags & os.O_CREAT or flags & os.O_TMPFILE == os.O_TMPFILE
        how = _How(flags, _MODE if makes else 0, resolve)
        known = _hows[flags, resolve] = (how, ctypes.addressof(how))
    return known[1]


_READ_HOW = _how(READ, _NO_LINKS)


class Root:
    """An open directory. `path` is absolute, `fd` its descriptor; with `links` what lies in it may be links."""

    def __init__(self, path: str, *, links: bool = False) -> None:
        self._links = links
        self.path = os.path.abspath(path)
        self.fd = os.open(self.path, DIRECTORY)
        self.openat2 = self._has_openat2()

    def close(self) -> None:
        """Give the descriptor back."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def check(self) -> None:
        """Raise ServiceUnavailable if the directory is not where it was: moved, or something mounted over it.

        What is missing below it then is not known to be missing.
        """
        try:
            there = os.path.samestat(os.stat(self.path), os.fstat(self.fd))
        except OSError:
            there = False
        if not there:
            raise S3Error("ServiceUnavailable", "The served directory is not where it was.", status=503)

    def leads_out(self, bucket: str) -> bool:
        """Whether what has a bucket's name is a link, where links are no buckets."""
        return not self._links and os.path.islink(f"{self.path}/{bucket}")

    def at(self, path: str) -> str:
        """The absolute path of a relative one, for names of our own that no symlink can be in the way of."""
        return f"{self.path}/{path}"

    def linked(self, bucket: str, name: str = "") -> bool:
        """Whether a link stands for a bucket where links are none, for its work area or for `name` in that."""
        area = f"{self.path}/{bucket}/{TMP}"
        return self.leads_out(bucket) or os.path.islink(area) or (name != "" and os.path.islink(f"{area}/{name}"))

    def open(self, path: str, flags: int = READ) -> int:
        """A descriptor of `path`, relative to the root; what is made has the mode 644.

        A link leads to what lies in the same bucket; out of that, and in the work area, to nothing. Raises OSError,
        EXDEV or ELOOP for such links; NoSuchBucket where one stands for a bucket and links are none.
        """
        if self.openat2:
            try:
                return _openat2(self.fd, path, _READ_HOW if flags == READ else _how(flags, _NO_LINKS))
            except OSError as error:
                if error.errno != errno.ELOOP:
                    raise
        bucket, _, rest = path.partition("/")
        top = self._bucket(bucket)
        if not rest:
            return top
        try:
            if not self.openat2:
                return _walk(top, rest, flags)
            ours = rest == TMP or rest.startswith(f"{TMP}/")
            return _openat2(top, rest, _how(flags, _NO_LINKS if ours else _BENEATH))
        finally:
            os.close(top)

    def _bucket(self, bucket: str) -> int:
        """A descriptor of what stands for a bucket: its directory, or a link to one where those are buckets."""
        try:
            return _step(self.fd, bucket, DIRECTORY)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
        if not self._links:
            raise S3Error("NoSuchBucket", BucketName=bucket)
        return os.open(bucket, DIRECTORY, dir_fd=self.fd)

    def _has_openat2(self) -> bool:
        with suppress(OSError):
            os.close(_openat2(self.fd, ".", _how(DIRECTORY, _NO_LINKS)))
            return True
        return False


def _openat2(top: int, path: str, how: int) -> int:
    raw = path.encode("utf-8", "surrogateescape")
    for _ in range(8):
        fd: int = _syscall(_OPENAT2, top, raw, how, _SIZE)
        if fd >= 0:
            return fd
        number = ctypes.get_errno()
        if number not in (errno.EAGAIN, errno.EINTR):  # EAGAIN: something was renamed meanwhile
            break
    raise OSError(number, os.strerror(number), path)


def _walk(top: int, path: str, flags: int) -> int:
    at = top
    *parents, last = path.split("/")
    try:
        for name in parents:
            below = _step(at, name, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            if at != top:
                os.close(at)
            at = below
        return _step(at, last, flags)
    finally:
        if at != top:
            os.close(at)


def _step(at: int, name: str, flags: int) -> int:
    """A descriptor of what an open directory names. Raises OSError, for any link ELOOP."""
    try:
        return os.open(name, flags | os.O_NOFOLLOW, _MODE, dir_fd=at)
    except NotADirectoryError:  # said of links too, where a directory is asked for
        if stat.S_ISLNK(os.stat(name, dir_fd=at, follow_symlinks=False).st_mode):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from None
        raise
