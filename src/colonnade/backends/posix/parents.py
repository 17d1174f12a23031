"""The directories above an object: made when it comes, removed when the last one goes."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from colonnade.backends.posix.errors import ABSENT
from colonnade.backends.posix.locks import Locks
from colonnade.backends.posix.meta import Store
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.paths import DIRECTORY, Root
from colonnade.errors import S3Error

NOT_EMPTY = frozenset({errno.ENOTEMPTY, errno.EEXIST})


def enter(root: Root, where: Where, changed: list[int]) -> int:
    """An open descriptor of the directory that `where` lies in, made if missing.

    Descriptors of the directories in which one had to be made are appended to `changed`. Raises NoSuchBucket,
    ObjectParentIsFile.
    """
    while True:
        try:
            return root.open(where.parent, DIRECTORY)
        except FileNotFoundError:
            _make(root, where, changed)
        except NotADirectoryError:
            raise _is_file(where) from None


def _is_file(where: Where) -> S3Error:
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


def _make(root: Root, where: Where, changed: list[int]) -> None:
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
            os.mkdir(name, 0o755, dir_fd=at)
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
            raise _is_file(where) from None
    else:
        os.close(at)


def remove_empty(store: Store, directory: int, where: Where) -> None:
    """Remove a directory, named in an open one, that holds nothing but empty directories.

    Raises ExistingObjectIsDirectory if it holds, or itself or below is, an object.
    """
    try:
        fd = os.open(where.name, DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
    except FileNotFoundError:
        return
    try:
        _empty(store, fd, where)
        if store.get(f"/proc/self/fd/{fd}", "etag") is not None:
            raise is_directory(where)
    finally:
        os.close(fd)
    try:
        os.rmdir(where.name, dir_fd=directory)
    except FileNotFoundError:
        pass
    except OSError as error:
        if error.errno in NOT_EMPTY:
            raise is_directory(where) from error
        raise


def _empty(store: Store, directory: int, where: Where) -> None:
    with os.scandir(directory) as entries:
        names: Iterator[str] = iter([_only_directories(entry, where) for entry in entries])
    for name in names:
        remove_empty(store, directory, where._replace(name=name))


def _only_directories(entry: os.DirEntry[str], where: Where) -> str:
    if not entry.is_dir(follow_symlinks=False):
        raise is_directory(where)
    return entry.name


def prune(root: Root, store: Store, locks: Locks, where: Where, directory: int) -> int:
    """Remove the emptied directories above a deleted key, up to the bucket or a directory object.

    Takes the open directory the key lay in, gives back the last that stays, open, to be flushed.
    """
    path = where.parent
    while path != where.bucket:
        above, _, name = path.rpartition("/")
        with locks.tried(where.bucket, path, where.path) as held:
            if not held or store.get(f"/proc/self/fd/{directory}", "etag") is not None:
                break
            try:
                outer = root.open(above, DIRECTORY)
            except FileNotFoundError:
                break
            try:
                os.rmdir(name, dir_fd=outer)
            except OSError as error:
                os.close(outer)
                if error.errno in NOT_EMPTY or error.errno in ABSENT:
                    break
                raise
        os.close(directory)
        directory, path = outer, above
    return directory
