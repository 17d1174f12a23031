"""Where attributes are kept: the metadata store, a small door behind which there are several kinds.

Names of attributes are without ``user.``. What has attributes is named by its path: relative to the served directory,
or absolute (older versions lie elsewhere). A store is also given an open descriptor where there is one, so that
attributes and body are of one moment; and since some stores keep attributes by path, whatever moves or removes a thing
that has attributes goes through its store.
"""

from __future__ import annotations

import abc
import fcntl
import os
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext

from colonnade.backends.posix.locks import Locks
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.temp import Temp
from colonnade.ticks import settled

#: A key -> the paths of all its versions.
Places = Callable[[str], list[str]]


class Store(abc.ABC):
    """A metadata store."""

    #: Whether changing attributes moves the file's ctime, so that they may be remembered by it.
    in_inode = False

    #: Why this store can't keep what clients ask to be kept; empty for one that can.
    refusal = ""

    @abc.abstractmethod
    def read(self, fd: int, bucket: str, path: str, leave: Collection[str] = ()) -> dict[str, bytes]:
        """All attributes of the open file but those to `leave`.

        Raises FileNotFoundError where the object was replaced meanwhile: open it again.
        """

    @abc.abstractmethod
    def get(self, path: str, name: str, via: int | str | None = None) -> bytes | None:
        """One attribute; None where it or the file is absent.

        `via` is a surer way to the file than `path`: a descriptor of it, or its name below one of a directory.
        """

    @abc.abstractmethod
    def write(self, temp: Temp, where: Where, path: str, values: Mapping[str, bytes], *, durable: bool) -> None:
        """Give a file that isn't visible yet, and will be at `path`, its attributes."""

    @abc.abstractmethod
    def stamp(self, temp: Temp, name: str, value: bytes | None) -> None:
        """Set or, with None, drop one attribute of a file that isn't visible yet."""

    @abc.abstractmethod
    def change(
        self,
        fd: int,
        where: Where,
        path: str,
        values: Mapping[str, bytes],
        drop: Collection[str] = (),
        *,
        durable: bool,
    ) -> None:
        """Set and drop attributes of something visible. Hold its lock."""

    @abc.abstractmethod
    def place(self, temp: Temp, bucket: str, directory: int, path: str, changed: list[int]) -> None:
        """Make a written file visible at `path`, named in the open `directory`; a file there goes.

        Descriptors of directories to be flushed besides are added to `changed`. Raises what `Temp.move` raises.
        """

    def appear(self, temp: Temp, directory: int, name: str) -> bool:
        """Make a written file visible where nothing has its name, in one step; False where it must be placed.

        Raises FileNotFoundError if the directory is gone.
        """
        return False

    @abc.abstractmethod
    def unlink(self, bucket: str, directory: int, path: str) -> None:
        """Remove a file, named in the open `directory`. Raises FileNotFoundError."""

    @abc.abstractmethod
    def rmdir(self, bucket: str, directory: int, path: str) -> None:
        """Remove an empty directory. Raises FileNotFoundError, OSError for one that isn't empty."""

    @abc.abstractmethod
    def promote(self, bucket: str, source: str, directory: int, path: str) -> None:
        """Move a file from the absolute `source` to `path`, named in the open `directory`; a file there goes."""

    @abc.abstractmethod
    def hide(self, bucket: str, path: str, gone: str) -> Callable[[], None]:
        """Rename a directory of the work area to `gone`, in one step. What is returned removes it, file by file."""

    def moment_of(self, path: str) -> object:
        """What equals an earlier one only if no attribute of a path has changed since; None where none can tell.

        Raises OSError.
        """
        return None

    def rename(self, old: str, new: str) -> None:  # noqa: B027
        """What lay at `old` is about to be renamed to `new`, in the work area; take its attributes along."""

    def link(self, path: str, new: str, via: str) -> None:  # noqa: B027
        """The file at `path` (`via`: see get) is about to be linked to the absolute `new` too."""

    def making(self) -> AbstractContextManager[object]:
        """Hold this while a bucket is made or removed."""
        return nullcontext()

    def new_bucket(self, bucket: str) -> None:  # noqa: B027
        """A bucket is about to be made: nothing may be left of one that had its name."""

    def forget_bucket(self, bucket: str) -> None:  # noqa: B027
        """A bucket has been removed."""

    def sweep(self, bucket: str, places: Places, locks: Locks) -> None:  # noqa: B027
        """Clear what dead writers left."""


def moment_of(status: os.stat_result) -> object:
    """What equals an earlier one only if a file is as it was then, as far as its ctime tells.

    Just after a change nothing can tell: another may come before the clock's next tick.
    """
    then = status.st_ctime_ns
    return (status.st_dev, status.st_ino, then) if settled(status.st_dev, then, time.time_ns()) else object()


def clear(path: str, dead: Callable[[os.stat_result], bool]) -> None:
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
