"""Removing objects and their versions, and the directories that they leave empty."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from functools import partial

from colonnade.backends.posix import parents, versioned
from colonnade.backends.posix.errors import ABSENT, os_errors
from colonnade.backends.posix.locks import release
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.backends.posix.tree import Check, Tree


async def remove_version(tree: Tree, where: Where, version: str, *, bypass: bool = False) -> bool:
    """Delete one version, if it is there, and return when that is on disk: whether it was a delete marker.

    The newest of the older ones takes the place of a current one. Raises S3Error.
    """

    def carry_out() -> tuple[bool, int | None]:
        marker, changed = versioned.remove_current(tree, where, version, bypass)
        return (versioned.remove_older(tree, where, version, bypass) if changed is None else marker), changed

    with os_errors(Key=where.key):
        marker, directory = await tree.locks.holding(where.bucket, where.path, carry_out, lambda done: release(done[1]))
        await _pruned(tree, where, directory)
    return marker


async def remove(tree: Tree, where: Where, check: Check | None = None, *, bypass: bool = False) -> None:
    """Delete what `where` holds, if anything, and return when that is on disk.

    `bypass` passes over retention in governance mode. Raises S3Error.
    """
    with os_errors(Key=where.key):
        entered = tree.entering.enter(where)
        if entered is None:
            action = partial(_remove, tree, where, check, bypass)
            directory = await tree.locks.holding(where.bucket, where.path, action, release)
        else:
            try:
                directory = _remove(tree, where, check, bypass, entered.directory)
            finally:
                os.close(entered.lock)
        await _pruned(tree, where, directory)


async def _pruned(tree: Tree, where: Where, directory: int | None) -> None:
    """Remove the directories that a removal has left empty, and flush the one that stays."""
    if directory is not None:
        await tree.flushed([await parents.prune(tree.root, tree.store, tree.locks, where, directory)])


def _remove(tree: Tree, where: Where, check: Check | None, bypass: bool, directory: int | None = None) -> int | None:
    if directory is None:
        try:
            directory = tree.root.open(where.parent, DIRECTORY)
        except OSError as error:
            if error.errno not in ABSENT:
                raise
            tree.bucket(where.bucket)
            if check is not None:
                check(None)
            return None
    try:
        if check is not None:
            check(tree.current(where))
        gone = _remove_entry(tree, where, directory, bypass)
    except BaseException:
        os.close(directory)
        raise
    if not gone:
        os.close(directory)
        return None
    return directory


def _remove_entry(tree: Tree, where: Where, directory: int, bypass: bool) -> bool:
    try:
        mode = os.stat(where.name, dir_fd=directory, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISDIR(mode) != where.directory:
        return False
    tree.check_unlocked(where, bypass=bypass)
    if where.directory:
        return _remove_directory(tree, where, directory)
    with suppress(FileNotFoundError), tree.freeing.behind(directory, where.name):
        tree.store.unlink(where.bucket, directory, where.path)
    return True


def _remove_directory(tree: Tree, where: Where, directory: int) -> bool:
    """A directory object: the directory itself if it is empty, else only what makes it an object."""
    try:
        tree.store.rmdir(where.bucket, directory, where.path)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno not in parents.NOT_EMPTY:
            raise
        fd = tree.root.open(where.path, DIRECTORY)
        try:
            names = list(tree.store.read(fd, where.bucket, where.path))
            drop = sorted(names, key=lambda name: name != "etag")
            tree.store.change(fd, where, where.path, {}, drop, durable=tree.options.fsync)
        finally:
            os.close(fd)
    return True
