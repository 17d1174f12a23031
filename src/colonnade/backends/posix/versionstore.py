"""Where older versions lie: ``BUCKET/ab/cd/ef/SHA256-OF-KEY/ID`` in a directory of their own.

They are the files that were current once, linked there before they are replaced and renamed back when they become
current again, so that no byte of them is copied and their attributes and dates stay as they were.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil

from colonnade.backends.posix.meta import Store
from colonnade.backends.posix.names import TMP, Where
from colonnade.backends.posix.paths import DIRECTORY, Root
from colonnade.rules import ulid
from colonnade.rules.versions import NULL


class VersionStore:
    """The older versions of all buckets, below `path`."""

    def __init__(self, path: str, store: Store) -> None:
        self.root = Root(path)
        self._store = store

    def close(self) -> None:
        """Give the directory back."""
        self.root.close()

    def ids(self, where: Where) -> list[str]:
        """The ids of a key's older versions, newest first; the null version has its place by its date."""
        try:
            names = os.listdir(self.root.at(_directory(where)))
        except (FileNotFoundError, NotADirectoryError):
            return []
        found = [name for name in names if name == NULL or ulid.PATTERN.fullmatch(name)]
        return sorted(found, key=lambda name: self._made(where, name), reverse=True)

    def _made(self, where: Where, name: str) -> tuple[int, str]:
        if name != NULL:
            return ulid.milliseconds(name), name
        with contextlib.suppress(OSError):
            return os.stat(self.path(where, name)).st_mtime_ns // 1_000_000, ""
        return 0, ""

    def path(self, where: Where, version: str) -> str:
        """The absolute path of a version."""
        return self.root.at(f"{_directory(where)}/{version}")

    def open(self, where: Where, version: str) -> int:
        """A descriptor of a version. Raises FileNotFoundError."""
        return self.root.open(f"{_directory(where)}/{version}")

    def keep(self, where: Where, directory: int, version: str) -> int:
        """Link the current file of a key, named in the open `directory`, as an older version.

        Returns an open directory to be flushed.
        """
        target = f"{_directory(where)}/{version}"
        while True:
            os.makedirs(self.root.at(_directory(where)), exist_ok=True)
            self._store.link(where.path, self.path(where, version), f"/proc/self/fd/{directory}/{where.name}")
            try:
                os.link(where.name, target, src_dir_fd=directory, dst_dir_fd=self.root.fd, follow_symlinks=False)
            except FileExistsError:
                if self._same(where, directory, target):  # a gateway died after it had linked it
                    break
                os.unlink(target, dir_fd=self.root.fd)
                continue
            except FileNotFoundError:  # the directory was removed with its last version just now
                if not os.path.isdir(self.root.at(_directory(where))):
                    continue
                raise
            break
        return self.enter(where)

    def enter(self, where: Where) -> int:
        """An open descriptor of the directory of a key's older versions. Raises FileNotFoundError."""
        return self.root.open(_directory(where), DIRECTORY)

    def _same(self, where: Where, directory: int, target: str) -> bool:
        ours = os.stat(where.name, dir_fd=directory, follow_symlinks=False)
        return os.path.samestat(ours, os.stat(target, dir_fd=self.root.fd, follow_symlinks=False))

    def promote(self, where: Where, directory: int, version: str) -> None:
        """Make an older version the file that the key is, in one step, in the place of what is there."""
        self._store.promote(where.bucket, self.path(where, version), directory, where.path)
        self._prune(where)

    def remove(self, where: Where, version: str) -> bool:
        """Remove a version; whether it was there."""
        try:
            fd = self.enter(where)
        except (FileNotFoundError, NotADirectoryError):
            return False
        try:
            self._store.unlink(where.bucket, fd, self.path(where, version))
        except FileNotFoundError:
            return False
        finally:
            os.close(fd)
        self._prune(where)
        return True

    def _prune(self, where: Where) -> None:
        """Remove the directories that hold nothing more, up to the bucket's."""
        path = _directory(where)
        while "/" in path:
            try:
                os.rmdir(path, dir_fd=self.root.fd)
            except OSError:
                return
            path = path.rpartition("/")[0]

    def holds_any(self, bucket: str) -> bool:
        """Whether there is any version of a bucket's keys."""
        for _, directories, files in os.walk(self.root.at(bucket)):
            with contextlib.suppress(ValueError):
                directories.remove(TMP)
            if files:
                return True
        return False

    def discard(self, bucket: str) -> None:
        """Remove what a bucket without versions leaves."""
        shutil.rmtree(self.root.at(bucket), ignore_errors=True)


def check(path: str, served: str) -> None:
    """Raise ValueError for a directory that can't keep the versions of what is served from another."""
    if not os.path.isdir(path):
        raise ValueError(f"posix: versioning-dir {path!r} is not a directory; make it first")
    ours, theirs = os.path.realpath(path), os.path.realpath(served)
    if ours == theirs or ours.startswith(theirs + "/") or theirs.startswith(ours + "/"):
        raise ValueError(f"posix: versioning-dir {path!r} must lie outside of {served!r}, and not around it")
    probe = os.path.join(ours, f".colonnade.probe.{os.getpid()}")
    source = os.path.join(theirs, f"{TMP}.probe.{os.getpid()}")
    try:
        os.close(os.open(source, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        os.link(source, probe)
        os.unlink(probe)
    except OSError as error:
        if error.errno == errno.EXDEV:
            raise ValueError(
                f"posix: versioning-dir {path!r} lies on another filesystem than {served!r}: versions are linked, "
                "not copied, so both must be on one. Versions that are there already can be moved, with cp -a"
            ) from error
        raise ValueError(f"posix: versioning-dir {path!r}: {error.strerror}") from error
    finally:
        with contextlib.suppress(OSError):
            os.unlink(source)


def _directory(where: Where) -> str:
    digest = hashlib.sha256(where.key.encode()).hexdigest()
    return f"{where.bucket}/{digest[:2]}/{digest[2:4]}/{digest[4:6]}/{digest}"
