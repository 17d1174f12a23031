"""Finding a thing's attributes in a sidecar: those that are its own, whoever moves them meanwhile."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from colonnade.backends.posix import attributefiles
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.sidecarplaces import SidecarPlaces
from colonnade.backends.posix.underway import IDENTITY, META, identity

T = TypeVar("T")

#: How often a reader looks again where somebody changes what he reads.
TRIES = 100


class Look:
    """Looks in one sidecar."""

    def __init__(self, places: SidecarPlaces) -> None:
        self._places = places

    def look(self, path: str, status: os.stat_result, action: Callable[[int], T]) -> T | None:
        """What `action` finds in the directory of a thing's attributes; None if there is none.

        Raises FileNotFoundError if the thing at `path` is another by now than the one of `status`.
        """
        for _ in range(TRIES):
            with self._entered(path, status) as directory:
                if directory is None:
                    bare = not os.path.isdir(self._home(path)) or self.of_a_file(path, status)
                    # Put in place and taken out again since we looked, they are on their way once more.
                    bare = bare and not os.path.isdir(self._coming(path, status))
                    if self._is_still(path, status) and bare:
                        return None
                    continue
                with suppress(FileNotFoundError):
                    found = action(directory)
                    if self._stands(directory, path, status):
                        return found
        raise FileNotFoundError(errno.ENOENT, "changed all the time", path)

    @contextmanager
    def _entered(self, path: str, status: os.stat_result) -> Iterator[int | None]:
        """The open directory of a thing's attributes, None if there is none just now."""
        directory = attributefiles.enter(self._home(path))
        try:
            if stat.S_ISREG(status.st_mode):
                kept = None if directory is None else attributefiles.value(directory, IDENTITY)
                if kept != identity(status).encode():
                    coming = attributefiles.enter(self._coming(path, status))
                    if coming is not None:
                        directory = _instead(directory, coming)
                    elif kept is not None:
                        self._is_still(path, status)
            elif directory is not None and self._may_have_been_file(path, status) and _says(directory):
                directory = _instead(directory, None)
            yield directory
        finally:
            if directory is not None:
                os.close(directory)

    def _is_still(self, path: str, status: os.stat_result) -> bool:
        """Whether the thing at `path` is the one of `status`. Raises FileNotFoundError if not."""
        if not os.path.samestat(os.stat(self._places.at(path)), status):
            raise FileNotFoundError(errno.ENOENT, "replaced", path)
        return True

    def _stands(self, directory: int, path: str, status: os.stat_result) -> bool:
        """Whether an open directory of attributes is still the one of its thing: else it may have lost some."""
        read = os.fstat(directory)
        with suppress(OSError):
            if os.path.samestat(os.stat(self._home(path)), read):
                return True
        with suppress(OSError):
            # Of a file that is gone they are removed there one by one.
            return os.path.samestat(os.stat(self._coming(path, status)), read) and self._is_still(path, status)
        return False

    def _home(self, path: str) -> str:
        """The directory of a thing's attributes in its place."""
        return f"{self._places.home(path)}/{META}"

    def _coming(self, path: str, status: os.stat_result) -> str:
        """The directory of a file's attributes on their way."""
        return f"{self._places.coming(path, status)}/{META}"

    def kept_identity(self, home: str) -> bytes | None:
        """Which file the attributes at a place are of; None if there are none or they don't say."""
        directory = attributefiles.enter(f"{home}/{META}")
        if directory is None:
            return None
        try:
            return attributefiles.value(directory, IDENTITY)
        finally:
            os.close(directory)

    def of_a_file(self, path: str, status: os.stat_result) -> bool:
        """Whether what is in the place of a directory's attributes are those of a file that somebody removed."""
        return self._may_have_been_file(path, status) and self.kept_identity(self._places.home(path)) is not None

    def _may_have_been_file(self, path: str, status: os.stat_result) -> bool:
        """Whether a directory is none of those that are made under no object's name: buckets, uploads."""
        return stat.S_ISDIR(status.st_mode) and "/" in self._places.relative(path) and f"/{TMP}/" not in path


def _says(directory: int) -> bool:
    """Whether attributes say which file they are of."""
    return attributefiles.value(directory, IDENTITY) is not None


def _instead(directory: int | None, other: int | None) -> int | None:
    """The other descriptor; the first is closed."""
    if directory is not None:
        os.close(directory)
    return other
