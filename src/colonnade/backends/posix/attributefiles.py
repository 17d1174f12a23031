"""A directory in which each attribute is a file of its name that holds its value."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection

from colonnade.backends.posix.errors import ABSENT
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.errors import S3Error

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC


def enter(path: str) -> int | None:
    """A descriptor of such a directory, None if it isn't there."""
    try:
        return os.open(path, DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise


def names(directory: int) -> list[str]:
    """The attributes in it. What are directories belong to objects whose keys go through this name."""
    with os.scandir(directory) as entries:
        return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]


def value(directory: int, name: str) -> bytes | None:
    """One attribute, None if it is absent."""
    try:
        fd = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise
    try:
        status = os.fstat(fd)
        return os.read(fd, status.st_size + 1) if stat.S_ISREG(status.st_mode) else None
    finally:
        os.close(fd)


def values(directory: int, leave: Collection[str] = ()) -> dict[str, bytes]:
    """All attributes but those to `leave`. Raises FileNotFoundError where one vanished while they were read."""
    found = {}
    for name in names(directory):
        if name not in leave:
            raw = value(directory, name)
            if raw is None:
                raise FileNotFoundError
            found[name] = raw
    return found


def write(path: str, raw: bytes) -> int:
    """A new file that holds a value, open, to be flushed and closed."""
    fd = os.open(path, _NEW, 0o644)
    try:
        view = memoryview(raw)
        while view:
            view = view[os.write(fd, view) :]
    except BaseException:
        os.close(fd)
        os.unlink(path)
        raise
    return fd


def copy(directory: int, target: str) -> None:
    """Make the directory `target` with the same attributes: the same files, since they never change."""
    os.mkdir(target)
    for name in names(directory):
        os.link(name, f"{target}/{name}", src_dir_fd=directory, follow_symlinks=False)


def make(path: str, changed: list[int]) -> None:
    """Make a directory and those above it; descriptors of those in which one was made go to `changed`.

    Raises S3Error.
    """
    try:
        os.mkdir(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise taken() from None
    except NotADirectoryError:
        raise taken() from None
    except FileNotFoundError:
        make(os.path.dirname(path), changed)
        make(path, changed)
    else:
        changed.append(os.open(os.path.dirname(path), DIRECTORY))


def taken() -> S3Error:
    """The refusal of a key whose place is taken by an attribute of a key above it, or the other way round."""
    return S3Error(
        "InvalidArgument",
        "With --sidecar a key can't go on with /meta/ and the name of an attribute below a key that has it.",
        ArgumentName="Key",
    )
