"""Whether there is any key in a directory: all that a listing with a delimiter asks of those it rolls up.

A directory of which we saw a file's name is remembered by its times, as `snapshots` does it: looking into a large one
again would read some thousand names to say of the first that it is there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from colonnade.backends.posix.snapshots import Stamp, hidden, lasting, stamp_of
from colonnade.remembered import Remembered

#: Directories remembered in each of two generations: some 300 bytes each.
MOST = 10_000


class Occupied:
    """Remembers directories that hold a file."""

    def __init__(self) -> None:
        self._holding: Remembered[Stamp, bool] = Remembered(MOST)

    def holds(
        self, path: str, is_object: Callable[[str], bool], is_deleted: Callable[[str], bool] | None = None
    ) -> bool:
        """Whether there is any key in a directory, its own included.

        `is_object` says whether a directory is a key itself, `is_deleted` which files are none: what those say changes
        without moving the directory's times, so nothing is remembered where there may be such files.
        """
        try:
            now, stamp = time.time_ns(), stamp_of(os.stat(path))
            if is_deleted is None and self._holding.get(stamp):
                return True
            if is_object(path):
                return True
            with os.scandir(path) as entries:
                for entry in entries:
                    if not _counts(entry):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        if self.holds(entry.path, is_object, is_deleted):
                            return True
                    elif is_deleted is None:
                        if lasting(stamp, now):
                            self._holding.put(stamp, True)
                        return True
                    elif not is_deleted(entry.path):
                        return True
        except (FileNotFoundError, NotADirectoryError):
            pass  # removed while we were on the way
        return False


def _counts(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is, or may hold, a key."""
    name = os.fsencode(entry.name)
    if hidden(name):
        return False
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False) or entry.is_symlink()
