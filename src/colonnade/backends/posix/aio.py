"""Flushing without threads: the kernel is asked to, and an eventfd says when it has (Linux's AIO, `io_submit(2)`).

A thread that waits in fsync costs two switches, and when it comes back it fights the event loop for the interpreter's
lock: with 32 writers that was half of a durable write. The kernel keeps the file open by itself until it is done.
"""

from __future__ import annotations

import asyncio
import ctypes
import errno
import os
import platform

#: Flushes that can be under way at once; more are refused, and done by threads.
DEPTH = 256

_FSYNC = 2
_SAY_SO = 1  # IOCB_FLAG_RESFD

#: io_setup, io_destroy, io_getevents, io_submit by machine: libc has no names for them.
_NUMBERS = {"x86_64": (206, 207, 208, 209), "aarch64": (0, 1, 4, 2), "riscv64": (0, 1, 4, 2)}

#: Bytes of a pointer there. A 32-bit process on such a kernel has other numbers.
_WIDTH = 8

_libc = ctypes.CDLL(None, use_errno=True)


class _Asked(ctypes.Structure):
    """The kernel's ``struct iocb`` on a little-endian machine."""

    _fields_ = (
        ("data", ctypes.c_uint64),
        ("key", ctypes.c_uint32),
        ("rw_flags", ctypes.c_uint32),
        ("opcode", ctypes.c_uint16),
        ("priority", ctypes.c_int16),
        ("fd", ctypes.c_uint32),
        ("buffer", ctypes.c_uint64),
        ("bytes", ctypes.c_uint64),
        ("offset", ctypes.c_int64),
        ("reserved", ctypes.c_uint64),
        ("flags", ctypes.c_uint32),
        ("event", ctypes.c_uint32),
    )


class _Done(ctypes.Structure):
    """The kernel's ``struct io_event``."""

    _fields_ = (
        ("data", ctypes.c_uint64),
        ("asked", ctypes.c_uint64),
        ("result", ctypes.c_int64),
        ("more", ctypes.c_int64),
    )


class KernelFlushes:
    """Flushes for one event loop. Raises OSError where the kernel, or who guards it, has none."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        if platform.machine() not in _NUMBERS or ctypes.sizeof(ctypes.c_void_p) != _WIDTH:
            raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
        self._setup, self._destroy, self._events, self._submit = _NUMBERS[platform.machine()]
        self._loop = loop
        self._context = ctypes.c_ulong(0)
        self._eventfd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        try:
            _call(self._setup, DEPTH, ctypes.byref(self._context))
        except OSError:
            os.close(self._eventfd)
            raise
        self._asked = _Asked(opcode=_FSYNC, flags=_SAY_SO, event=self._eventfd)
        self._pointer = ctypes.pointer(self._asked)
        self._one = ctypes.c_long(1), ctypes.byref(self._pointer)
        self._done = (_Done * DEPTH)()
        self._number = 0
        self._waiting: dict[int, asyncio.Future[None]] = {}
        loop.add_reader(self._eventfd, self._reap)

    def begin(self, fd: int) -> asyncio.Future[None]:
        """What is done once all of an open file, or directory, is on disk; it may be closed meanwhile.

        Raises OSError if the kernel can't be asked just now.
        """
        self._number += 1
        self._asked.data, self._asked.fd = self._number, fd
        _call(self._submit, self._context, *self._one)
        future = self._waiting[self._number] = self._loop.create_future()
        return future

    def _reap(self) -> None:
        """Tell those who wait for what the kernel has done."""
        try:
            os.eventfd_read(self._eventfd)
        except BlockingIOError:
            return
        room, count = len(self._done), len(self._done)
        while count == room:  # the kernel takes some more at once than it was asked for
            count = self._take(room)
            for done in self._done[:count]:
                self._tell(done.data, done.result)

    def _take(self, most: int) -> int:
        """How many flushes the kernel has ended, as far as `_done` holds them."""
        try:
            return _call(self._events, self._context, ctypes.c_long(0), ctypes.c_long(most), self._done, None)
        except InterruptedError:  # a signal came, and there are none: those that are there are given all the same
            return 0

    def _tell(self, number: int, result: int) -> None:
        future = self._waiting.pop(number)
        if future.done():  # cancelled
            return
        if result < 0:
            future.set_exception(OSError(-result, os.strerror(-result)))
        else:
            future.set_result(None)

    def close(self, *, wait: bool = True) -> None:
        """Let go; `wait` until what is under way has come to its end."""
        self._loop.remove_reader(self._eventfd)
        if wait:
            _call(self._destroy, self._context)
        os.close(self._eventfd)
        for future in self._waiting.values():
            future.cancel()


def _call(number: int, *arguments: object) -> int:
    result: int = _libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
