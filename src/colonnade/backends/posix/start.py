"""What is done before the first request: is this filesystem fit, and what did dead writers leave behind?"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import tempfile
import time
from functools import partial
from typing import NamedTuple

from colonnade import ticks
from colonnade.backends.posix import completions, names, progress
from colonnade.backends.posix.meta import clear
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.temp import GONE, PREFIX
from colonnade.backends.posix.tree import Tree
from colonnade.errors import S3Error

log = logging.getLogger("colonnade.posix")

#: Temporary names of other gateways carry no lock; after this many seconds their writer is taken for dead.
_STALE = 24 * 3600


#: Seconds that a filesystem's clock may differ from ours.
OUT_OF_STEP = ticks.LAG / 1e9

#: What a clock is that lags behind or goes before, and what comes of it.
STEPS = (
    ("behind", "what is remembered of objects may be out of date, and dates be wrong"),
    ("ahead of", "dates may be wrong, and nothing is remembered of what has just changed"),
)

#: What keeps from writing, and may pass, or be meant: reading and deleting go on.
_PASSING = frozenset({errno.EROFS, errno.EACCES, errno.ENOSPC, errno.EDQUOT})


class UnfitError(RuntimeError):
    """The directory can't be served; the message says what to do."""


class Fitness(NamedTuple):
    """What a filesystem can: hold files without a name (O_TMPFILE); and why it can't be written to, if it can't.

    `ahead` is by how many seconds its clock goes before ours, less than nought for one that lags behind.
    """

    unnamed: bool
    unwritable: str = ""
    ahead: float = 0.0


def probe(path: str, *, attributes: bool = True) -> Fitness:
    """Find out whether a directory can keep `attributes`, and be written to. Raises UnfitError.

    One that is full, or that can only be read, is served as it is.
    """
    before = time.time()
    try:
        with tempfile.TemporaryFile(dir=path, prefix=f"{TMP}.") as file:
            if attributes:
                os.setxattr(file.fileno(), "user.colonnade.probe", b"1")
            changed = os.fstat(file.fileno()).st_ctime
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EPERM):
            raise _without_attributes(path) from error
        if error.errno not in _PASSING:
            raise UnfitError(f"posix: can't write to {path}: {error.strerror}. Check the disk it is on.") from error
        if attributes and not _readable_attributes(path):
            raise _without_attributes(path) from error
        return Fitness(_has_tmpfile(path), error.strerror or str(error))
    return Fitness(_has_tmpfile(path), ahead=max(0.0, changed - time.time()) + min(0.0, changed - before))


def _has_tmpfile(path: str) -> bool:
    try:
        os.close(os.open(path, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        return error.errno not in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)
    return True


def _readable_attributes(path: str) -> bool:
    try:
        os.getxattr(path, "user.colonnade.probe")
    except OSError as error:
        return error.errno == errno.ENODATA
    return True


def _without_attributes(path: str) -> UnfitError:
    return UnfitError(
        f"posix: the filesystem of {path} keeps no extended attributes (user.*), where ETags and metadata are stored. "
        "Mount it with user_xattr, serve a directory on ext4, XFS, Btrfs, ZFS or tmpfs (Linux 6.6 or later), or keep "
        "attributes in another directory with --sidecar DIR, or none at all with --nometa."
    )


def sweep(tree: Tree) -> None:
    """Clear what dead writers left in the buckets' work areas; uploads in parts stay, and living writers' files."""
    with os.scandir(tree.root.path) as entries:
        buckets = [entry.name for entry in entries if entry.is_dir(follow_symlinks=tree.options.bucketlinks)]
    for bucket in buckets:
        progress.made()
        area = tree.root.at(f"{bucket}/{TMP}")
        if tree.root.linked(bucket):  # what lies there is somebody else's
            continue
        try:
            with os.scandir(area) as entries:
                there = list(entries)
        except OSError:
            continue
        files = [entry.name for entry in there if entry.is_file(follow_symlinks=False)]
        for entry in there:  # uploads that were thrown away, out of anybody's sight already
            if entry.name.startswith(GONE) and entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
        for name in files:
            age = 0 if name.startswith(PREFIX) else _STALE
            clear(f"{area}/{name}", partial(_old, age))
        try:
            completions.recover(tree, bucket)
            tree.store.sweep(bucket, partial(_places, tree, bucket), tree.locks)
        except (OSError, S3Error) as error:  # among them that the bucket was deleted meanwhile
            log.warning("what dead writers left in bucket %s can't be cleared away now: %s", bucket, error)


def _old(age: float, status: os.stat_result) -> bool:
    return time.time() - status.st_mtime >= age


def _places(tree: Tree, bucket: str, key: str) -> list[str]:
    """The paths of all versions of a key; the bucket itself for none."""
    if not key or key.startswith(f"{TMP}/"):
        return [f"{bucket}/{key}" if key else bucket]
    where = names.find(bucket, key)
    older = [tree.versions.path(where, version) for version in tree.versions.ids(where)] if tree.versions else []
    return [where.path, *older]
