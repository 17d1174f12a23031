"""A FUSE filesystem over a directory that stalls or fails when told to: python faulty.py BACKING MOUNTPOINT CONTROL.

Speaks the kernel's protocol itself (linux/fuse.h), so that nothing but /dev/fuse and root is needed. CONTROL is a file
of JSON: {"stall": [operations that are not answered], "fail": {operation: errno}}, operations by the kernel's names,
such as WRITE; it may change at any time, and what stalled is answered once it may be. Prints a line when it is mounted.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import select
import stat
import struct
import sys
from collections.abc import Callable
from typing import Any

_HEAD = struct.Struct("<IIQQIIII")
_ATTR = struct.Struct("<6Q10I")
_SETATTR = struct.Struct("<IIQQQQQQ8I")
_READ = struct.Struct("<QQII")
_WRITE_HEAD = 40

NAMES = {
    1: "LOOKUP",
    2: "FORGET",
    3: "GETATTR",
    4: "SETATTR",
    5: "READLINK",
    9: "MKDIR",
    10: "UNLINK",
    11: "RMDIR",
    12: "RENAME",
    13: "LINK",
    14: "OPEN",
    15: "READ",
    16: "WRITE",
    17: "STATFS",
    18: "RELEASE",
    20: "FSYNC",
    21: "SETXATTR",
    22: "GETXATTR",
    23: "LISTXATTR",
    24: "REMOVEXATTR",
    25: "FLUSH",
    26: "INIT",
    27: "OPENDIR",
    28: "READDIR",
    29: "RELEASEDIR",
    30: "FSYNCDIR",
    35: "CREATE",
    36: "INTERRUPT",
    42: "BATCH_FORGET",
    45: "RENAME2",
}

#: Operations that the kernel wants no answer to.
_SILENT = frozenset({"FORGET", "BATCH_FORGET", "INTERRUPT"})


class Faulty:
    """The filesystem. Nodes are O_PATH descriptors of the backing directory's files, never forgotten."""

    def __init__(self, backing: str) -> None:
        self._nodes = {1: os.open(backing, os.O_PATH | os.O_DIRECTORY)}
        self._known: dict[tuple[int, int], int] = {}
        self._listed: dict[int, list[tuple[str, int, int]]] = {}

    def answer(self, name: str, node: int, body: bytes) -> bytes:
        """Carry out an operation. Raises OSError."""
        method: Callable[[int, bytes], bytes] | None = getattr(self, name.lower(), None)
        if method is None:
            raise OSError(errno.ENOSYS, name)
        return method(node, body)

    def init(self, _: int, body: bytes) -> bytes:
        """Say which protocol is spoken: 7.31, no options."""
        major, _minor, ahead, _flags = struct.unpack_from("<IIII", body)
        return struct.pack("<IIIIHHIIHHII8I", major, 31, ahead, 0, 16, 12, 1 << 20, 1, 0, 0, 0, 0, *[0] * 8)[:64]

    def _at(self, node: int) -> str:
        return f"/proc/self/fd/{self._nodes[node]}"

    def _attr(self, status: os.stat_result) -> bytes:
        times = [getattr(status, f"st_{which}time_ns") for which in "amc"]
        return _ATTR.pack(
            status.st_ino,
            status.st_size,
            status.st_blocks,
            *(moment // 10**9 for moment in times),
            *(moment % 10**9 for moment in times),
            status.st_mode,
            status.st_nlink,
            status.st_uid,
            status.st_gid,
            0,
            4096,
            0,
        )

    def _entry(self, parent: int, name: str) -> bytes:
        fd = os.open(name, os.O_PATH | os.O_NOFOLLOW, dir_fd=self._nodes[parent])
        status = os.fstat(fd)
        node = self._known.setdefault((status.st_dev, status.st_ino), fd + 1000)
        if node != fd + 1000 and os.fstat(self._nodes[node]).st_nlink:
            os.close(fd)
        else:
            self._known[status.st_dev, status.st_ino] = node = fd + 1000
            self._nodes[node] = fd
        return struct.pack("<QQQQII", node, 0, 0, 0, 0, 0) + self._attr(status)

    def lookup(self, node: int, body: bytes) -> bytes:
        """A name in a directory."""
        return self._entry(node, _text(body))

    def getattr(self, node: int, _: bytes) -> bytes:
        """Status."""
        return struct.pack("<QII", 0, 0, 0) + self._attr(os.fstat(self._nodes[node]))

    def setattr(self, node: int, body: bytes) -> bytes:
        """Mode, owner, size, times."""
        valid, _, _fh, size, _, atime, mtime, _, an, mn, _, mode, _, uid, gid, _ = _SETATTR.unpack_from(body)
        at = self._at(node)
        if valid & 1:
            os.chmod(at, mode & 0o7777)
        if valid & 6:
            os.chown(at, uid if valid & 2 else -1, gid if valid & 4 else -1)
        if valid & 8:
            os.truncate(at, size)
        if valid & 48 and not valid & 384:
            old = os.stat(at)
            os.utime(
                at,
                ns=(
                    atime * 10**9 + an if valid & 16 else old.st_atime_ns,
                    mtime * 10**9 + mn if valid & 32 else old.st_mtime_ns,
                ),
            )
        elif valid & 384:
            os.utime(at)
        return self.getattr(node, b"")

    def mkdir(self, node: int, body: bytes) -> bytes:
        """A directory."""
        mode, umask = struct.unpack_from("<II", body)
        os.mkdir(_text(body[8:]), mode & ~umask, dir_fd=self._nodes[node])
        return self._entry(node, _text(body[8:]))

    def unlink(self, node: int, body: bytes) -> bytes:
        """Remove a file."""
        os.unlink(_text(body), dir_fd=self._nodes[node])
        return b""

    def rmdir(self, node: int, body: bytes) -> bytes:
        """Remove a directory."""
        os.rmdir(_text(body), dir_fd=self._nodes[node])
        return b""

    def rename(self, node: int, body: bytes, skip: int = 8) -> bytes:
        """Rename, in the place of what is there."""
        (target,) = struct.unpack_from("<Q", body)
        old, new = body[skip:].split(b"\0")[:2]
        os.rename(old.decode(), new.decode(), src_dir_fd=self._nodes[node], dst_dir_fd=self._nodes[target])
        return b""

    def rename2(self, node: int, body: bytes) -> bytes:
        """Rename with flags; none are known."""
        if struct.unpack_from("<QI", body)[1]:
            raise OSError(errno.EINVAL, "flags")
        return self.rename(node, body, 16)

    def link(self, node: int, body: bytes) -> bytes:
        """Another name."""
        (old,) = struct.unpack_from("<Q", body)
        os.link(self._at(old), _text(body[8:]), src_dir_fd=0, dst_dir_fd=self._nodes[node])
        return self._entry(node, _text(body[8:]))

    def open(self, node: int, body: bytes) -> bytes:
        """Open a file; pages are not kept, so that each read comes here."""
        (flags,) = struct.unpack_from("<I", body)
        fd = os.open(self._at(node), flags & ~(os.O_NOFOLLOW | os.O_CREAT | os.O_EXCL))
        return struct.pack("<QII", fd, 1, 0)

    def create(self, node: int, body: bytes) -> bytes:
        """Make a file and open it."""
        flags, mode, umask, _ = struct.unpack_from("<IIII", body)
        name = _text(body[16:])
        fd = os.open(name, flags | os.O_CREAT, mode & ~umask, dir_fd=self._nodes[node])
        return self._entry(node, name) + struct.pack("<QII", fd, 1, 0)

    def read(self, _: int, body: bytes) -> bytes:
        """Bytes of a file."""
        fd, offset, size, _flags = _READ.unpack_from(body)
        return os.pread(fd, size, offset)

    def write(self, _: int, body: bytes) -> bytes:
        """Bytes into a file."""
        fd, offset, size, _flags = _READ.unpack_from(body)
        return struct.pack("<II", os.pwrite(fd, body[_WRITE_HEAD : _WRITE_HEAD + size], offset), 0)

    def statfs(self, _: int, _body: bytes) -> bytes:
        """Room."""
        found = os.statvfs(self._at(1))
        blocks = (found.f_blocks, found.f_bfree, found.f_bavail, found.f_files, found.f_ffree)
        return struct.pack("<5Q10I", *blocks, found.f_bsize, 255, found.f_frsize, *[0] * 7)

    def release(self, _: int, body: bytes) -> bytes:
        """Close a file."""
        os.close(struct.unpack_from("<Q", body)[0])
        return b""

    def fsync(self, _: int, body: bytes) -> bytes:
        """Flush a file."""
        os.fsync(struct.unpack_from("<Q", body)[0])
        return b""

    def fsyncdir(self, _: int, _body: bytes) -> bytes:
        """Flush a directory."""
        return b""

    def flush(self, _: int, _body: bytes) -> bytes:
        """A descriptor was closed."""
        return b""

    def setxattr(self, node: int, body: bytes) -> bytes:
        """Set an attribute."""
        size, flags = struct.unpack_from("<II", body)
        name, _, rest = body[8:].partition(b"\0")
        os.setxattr(self._at(node), name, rest[:size], flags)
        return b""

    def getxattr(self, node: int, body: bytes) -> bytes:
        """An attribute, or how long it is."""
        return _sized(os.getxattr(self._at(node), _text(body[8:])), body)

    def listxattr(self, node: int, body: bytes) -> bytes:
        """Names of attributes, or how long they are."""
        return _sized(b"".join(name.encode() + b"\0" for name in os.listxattr(self._at(node))), body)

    def removexattr(self, node: int, body: bytes) -> bytes:
        """Remove an attribute."""
        os.removexattr(self._at(node), _text(body))
        return b""

    def opendir(self, node: int, _: bytes) -> bytes:
        """Open a directory: its entries are read now."""
        fd = os.open(self._at(node), os.O_RDONLY | os.O_DIRECTORY)
        with os.scandir(fd) as entries:
            kinds = [(entry.name, entry.inode(), _kind(entry)) for entry in entries]
        self._listed[fd] = [(".", 1, 4), ("..", 1, 4), *kinds]
        return struct.pack("<QII", fd, 0, 0)

    def readdir(self, _: int, body: bytes) -> bytes:
        """Entries from an offset on."""
        fd, offset, size, _flags = _READ.unpack_from(body)
        found = b""
        for place, (name, inode, kind) in enumerate(self._listed[fd][offset:], offset + 1):
            raw = os.fsencode(name)
            entry = struct.pack("<QQII", inode, place, len(raw), kind) + raw
            entry += bytes(-len(entry) % 8)
            if len(found) + len(entry) > size:
                break
            found += entry
        return found

    def releasedir(self, node: int, body: bytes) -> bytes:
        """Close a directory."""
        del self._listed[struct.unpack_from("<Q", body)[0]]
        return self.release(node, body)


def _text(body: bytes) -> str:
    return os.fsdecode(body.partition(b"\0")[0])


def _kind(entry: os.DirEntry[str]) -> int:
    return stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode) >> 12


def _sized(value: bytes, body: bytes) -> bytes:
    (room,) = struct.unpack_from("<I", body)
    if not room:
        return struct.pack("<II", len(value), 0)
    if len(value) > room:
        raise OSError(errno.ERANGE, "no room")
    return value


def serve(backing: str, target: str, control: str) -> None:
    """Mount, say so, and serve until unmounted."""
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0,allow_other".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"faulty", target.encode(), b"fuse.faulty", 0, options) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), target)
    print("mounted", flush=True)
    faulty, faults = Faulty(backing), _Faults(control)
    held: list[tuple[str, int, int, bytes]] = []
    while True:
        ready = select.select([device], [], [], 0.01)[0]
        stalled = faults.now().get("stall", ())
        held, due = [row for row in held if row[0] in stalled], [row for row in held if row[0] not in stalled]
        for row in due:
            _reply(device, faulty, faults, *row)
        if not ready:
            continue
        try:
            request = os.read(device, 1 << 21)
        except OSError as error:
            if error.errno == errno.ENODEV:
                return  # unmounted
            continue  # interrupted before we took it
        _, opcode, unique, node, *_ = _HEAD.unpack_from(request)
        row = (NAMES.get(opcode, str(opcode)), unique, node, request[_HEAD.size :])
        if row[0] in stalled:
            held.append(row)
        else:
            _reply(device, faulty, faults, *row)


class _Faults:
    """What the control file says, read again when it changes."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stamp = 0
        self._said: dict[str, Any] = {}

    def now(self) -> dict[str, Any]:
        """The faults of the moment."""
        stamp = os.stat(self._path).st_mtime_ns
        if stamp != self._stamp:
            with open(self._path, encoding="utf-8") as file:
                self._stamp, self._said = stamp, json.load(file)
        return self._said


def _reply(device: int, faulty: Faulty, faults: _Faults, name: str, unique: int, node: int, body: bytes) -> None:
    number, answer = faults.now().get("fail", {}).get(name, 0), b""
    if not number:
        try:
            answer = faulty.answer(name, node, body) if name not in _SILENT else b""
        except OSError as error:
            number = error.errno or errno.EIO
    if name not in _SILENT:
        try:
            os.write(device, struct.pack("<IiQ", 16 + len(answer), -number, unique) + answer)
        except OSError as error:
            if error.errno != errno.ENOENT:  # whoever asked has been killed
                raise


if __name__ == "__main__":
    serve(*sys.argv[1:])
