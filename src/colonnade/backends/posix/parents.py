"""The directories above an object: made when it comes, removed when the last one goes."""

from __future__ import annotations

import errno
import os
from contextlib import nullcontext
from functools import partial

from colonnade.backends.posix.errors import ABSENT
from colonnade.backends.posix.locks import BusyError, Locks, release
from colonnade.backends.posix.meta import Store
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.owners import NOBODY, Owner
from colonnade.backends.posix.paths import DIRECTORY, Root
from colonnade.errors import S3Error

NOT_EMPTY = frozenset({errno.ENOTEMPTY, errno.EEXIST})


def enter(root: Root, where: Where, changed: list[int], mode: int, owner: Owner = NOBODY) -> int:
    """An open descriptor of the directory that `where` lies in, made with `mode` and as `owner`'s if missing.

    Descriptors of the directories in which one had to be made are appended to `changed`. Raises NoSuchBucket,
    ObjectParentIsFile.
    """
    while True:
        try:
            return root.open(where.parent, DIRECTORY)
        except FileNotFoundError:
            _make(root, where, changed, mode, owner)
        except NotADirectoryError:
            raise is_file(where) from None


def is_file(where: Where) -> S3Error:
    """The refusal of a key below, or a directory in the place of, a file."""
    return S3Error(
        "ObjectParentIsFile",
        "A directory of this key's path is already an object without a trailing slash.",
        status=409,
        Key=where.key,
    )


def is_directory(where: Where) -> S3Error:
    """The refusal of a key that has other keys below it."""
    return S3Error(
        "ExistingObjectIsDirectory",
        "There are already objects below this key, as in a directory; a file can't have the same name.",
        status=409,
        Key=where.key,
    )


def _make(root: Root, where: Where, changed: list[int], mode: int, owner: Owner) -> None:
    """Make the directories from the bucket down. Ends early if one vanishes again."""
    try:
        at = root.open(where.bucket, DIRECTORY)
    except OSError as error:
        if error.errno in ABSENT:
            raise S3Error("NoSuchBucket", BucketName=where.bucket) from error
        raise
    path = where.bucket
    for name in where.parent.split("/")[1:]:
        try:
            os.mkdir(name, mode, dir_fd=at)
            owner.give(name, at)
            changed.append(os.dup(at))
        except FileExistsError:
            pass
        except FileNotFoundError:
            break
        finally:
            os.close(at)
        path = f"{path}/{name}"
        try:
            at = root.open(path, DIRECTORY)
        except FileNotFoundError:
            return
        except NotADirectoryError:
            raise is_file(where) from None
    else:
        os.close(at)


def remove_empty(
    store: Store,
    locks: Locks | None,
    directory: int,
    where: Where,
    path: str | None = None,
    name: str | None = None,
) -> None:
    """Remove the directory at `where`, whose lock is held, if it holds nothing but empty directories.

    `directory` is the open one it is named in; `path` and `name` are those of a directory further down. `locks`
    is None for who holds all of them.
    Raises ExistingObjectIsDirectory if it holds, or itself or below is, an object, BusyError if that is not known.
    """
    path, name = path or where.path, name or where.name
    try:
        fd = os.open(name, DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
    except FileNotFoundError:
        return
    try:
        for below in _only_directories(fd, where):
            trying = locks.tried(where.bucket, f"{path}/{below}", where.path) if locks else nullcontext(True)
            with trying as held:
                if not held:  # perhaps somebody is making an object of it
                    raise BusyError
                remove_empty(store, locks, fd, where, f"{path}/{below}", below)
        if store.get(path, "etag", fd) is not None:
            raise is_directory(where)
    finally:
        os.close(fd)
    try:
        os.rmdir(name, dir_fd=directory)
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno in NOT_EMPTY:
            raise is_directory(where) from error
        raise


def _only_directories(directory: int, where: Where) -> list[str]:
    names = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                raise is_directory(where)
            names.append(entry.name)
    return names


async def prune(root: Root, store: Store, locks: Locks, where: Where, directory: int) -> int:
    """Remove the emptied directories above a deleted key, up to the bucket or a directory object.

    Each is judged while holding its own lock, which is waited for: so no other lock may be held. Takes the open
    directory the key lay in, gives back the last that stays, open, to be flushed.
    """
    path = where.parent
    try:
        while path != where.bucket:
            try:
                outer = await locks.holding(where.bucket, path, partial(_prune_one, root, store, path), release)
            except S3Error:  # the bucket was deleted meanwhile
                break
            if outer is None:
                break
            os.close(directory)
            directory, path = outer, path.rpartition("/")[0]
    except BaseException:
        os.close(directory)
        raise
    return directory


def _prune_one(root: Root, store: Store, path: str) -> int | None:
    """Remove a directory if it is empty and no object; the open one above it, None if it stays."""
    above, _, name = path.rpartition("/")
    try:
        outer = root.open(above, DIRECTORY)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise
    try:
        # What has the name by now, which may be another than the one that the key lay in.
        if store.get(path, "etag", f"/proc/self/fd/{outer}/{name}") is None:
            os.rmdir(name, dir_fd=outer)
            return outer
    except OSError as error:
        if error.errno not in NOT_EMPTY and error.errno not in ABSENT:
            os.close(outer)
            raise
    except BaseException:
        os.close(outer)
        raise
    os.close(outer)
    return None
