"""What is done before the first request: is this filesystem fit, and what did dead writers leave behind?"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial

from colonnade.backends.posix import names, overflow, uploads
from colonnade.backends.posix.meta import OVERFLOW
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.temp import PREFIX
from colonnade.backends.posix.tree import Tree

#: Temporary names of other gateways carry no lock; after this many seconds their writer is taken for dead.
_STALE = 24 * 3600


class UnfitError(RuntimeError):
    """The directory can't be served; the message says what to do."""


def probe(path: str) -> bool:
    """Check that a directory can keep attributes; whether it has O_TMPFILE. Raises UnfitError."""
    try:
        with tempfile.TemporaryFile(dir=path, prefix=f"{TMP}.") as file:
            os.setxattr(file.fileno(), "user.colonnade.probe", b"1")
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EPERM):
            raise UnfitError(
                f"posix: the filesystem of {path} keeps no extended attributes (user.*), where ETags and metadata "
                "are stored. Mount it with user_xattr, or serve a directory on ext4, XFS, Btrfs, ZFS or tmpfs "
                "(Linux 6.6 or later)."
            ) from error
        raise UnfitError(
            f"posix: can't write to {path}: {error.strerror}. Check its permissions and free space."
        ) from error
    try:
        os.close(os.open(path, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError:
        return False
    return True


def sweep(tree: Tree) -> None:
    """Clear what dead writers left in the buckets' work areas; uploads in parts stay, and living writers' files."""
    with os.scandir(tree.root.path) as entries:
        buckets = [entry.name for entry in entries if entry.is_dir()]
    for bucket in buckets:
        area = tree.root.at(f"{bucket}/{TMP}")
        try:
            with os.scandir(area) as entries:
                there = list(entries)
        except OSError:
            continue
        names = [entry.name for entry in there if entry.is_file(follow_symlinks=False)]
        for entry in there:  # uploads that were thrown away, out of anybody's sight already
            if entry.name.startswith(PREFIX) and entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
        for name in names:
            age = 0 if name.startswith(PREFIX) else _STALE
            _clear(f"{area}/{name}", partial(_old, age))
        uploads.recover(tree, bucket)
        _sweep_overflow(tree, bucket, f"{area}/{overflow.DIRECTORY}")


def _clear(path: str, dead: Callable[[os.stat_result], bool]) -> None:
    """Remove a file that nobody holds a lock on if it is `dead`, which is asked once we hold the lock."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        status = os.fstat(fd)
        # Its writer may have moved it into place since we saw the name.
        if os.stat(path).st_ino == status.st_ino and dead(status):
            os.unlink(path)
    except OSError:
        pass  # held by a living writer, or gone
    finally:
        os.close(fd)


def _sweep_overflow(tree: Tree, bucket: str, directory: str) -> None:
    """Clear overflow files that their key's object doesn't carry the id of."""
    try:
        names = os.listdir(directory)
    except OSError:
        return
    for name in names:
        path = f"{directory}/{name}"
        _clear(path, partial(_orphaned, tree, bucket, path, name))


def _old(age: float, status: os.stat_result) -> bool:
    return time.time() - status.st_mtime >= age


def _orphaned(tree: Tree, bucket: str, path: str, identity: str, _: os.stat_result) -> bool:
    try:
        with open(path, "rb") as file:
            key = str(json.load(file)["key"]).removesuffix("/")
    except (OSError, ValueError, KeyError):
        return True  # its writer died while writing it
    paths = [tree.root.at(f"{bucket}/{key}" if key else bucket)]
    if tree.versions is not None and key:
        where = names.find(bucket, key)
        paths += [tree.versions.path(where, version) for version in tree.versions.ids(where)]
    return all(tree.store.get(at, OVERFLOW) != identity.encode() for at in paths)
