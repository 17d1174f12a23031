"""Attributes kept as files in a directory beside the served one: for filesystems that hold no attributes.

Those of a thing at ``bucket/a/b`` lie in ``SIDECAR/bucket/a/b/meta/``, a file each, as the compatible gateway has them.
Body and attributes then are two things, and a gateway may die between moving one and the other. So a file's attributes
are written in a directory of their own first (`underway`), the file is put in its place, and then that directory. They
say which file they are of (``colonnade.identity``): a reader that has a file and finds another's attributes looks among
those on their way, and the next start puts in place what died there. What carries no identity, or another while nobody
is on his way, was written or copied by another program, and is taken as it is.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress

from colonnade.backends.posix import attributefiles
from colonnade.backends.posix.errors import ABSENT
from colonnade.backends.posix.locks import Locks
from colonnade.backends.posix.meta import Places, Store, moment_of
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.paths import DIRECTORY, Root
from colonnade.backends.posix.sidecarlook import TRIES, Look
from colonnade.backends.posix.sidecarplaces import SidecarPlaces
from colonnade.backends.posix.sidecarsweep import Sweep
from colonnade.backends.posix.temp import Temp
from colonnade.backends.posix.underway import IDENTITY, META, identity


class Sidecar(Store):
    """Attributes in files below `path`. `versions` is where older versions lie, by an absolute path."""

    def __init__(self, root: Root, path: str, versions: str, durable: bool) -> None:
        self._root = root
        self._versions = versions
        self._durable = durable
        self._places = SidecarPlaces(root, os.path.abspath(path), versions)
        self._looking = Look(self._places)

    def read(self, fd: int, bucket: str, path: str, leave: Collection[str] = ()) -> dict[str, bytes]:
        """See Store."""
        found = self._looking.look(path, os.fstat(fd), lambda directory: attributefiles.values(directory, leave)) or {}
        found.pop(IDENTITY, None)
        return found

    def get(self, path: str, name: str, via: int | str | None = None) -> bytes | None:
        """See Store."""
        for _ in range(TRIES):
            try:
                status = os.stat(self._places.at(path) if via is None else via)
            except OSError as error:
                if error.errno in ABSENT:
                    return None
                raise
            try:
                return self._looking.look(path, status, lambda directory: attributefiles.value(directory, name))
            except FileNotFoundError:
                if isinstance(via, int):
                    raise
        raise FileNotFoundError(errno.ENOENT, "changed all the time", path)

    def write(self, temp: Temp, where: Where, path: str, values: Mapping[str, bytes], *, durable: bool) -> None:
        """See Store."""
        coming = self._places.under_way.begin(self._places.relative(path), os.fstat(temp.fd), temp.extra)
        temp.attributes = coming
        temp.undo.append(lambda: shutil.rmtree(coming, ignore_errors=True))
        os.mkdir(f"{coming}/{META}")
        for name, value in {**values, IDENTITY: identity(os.fstat(temp.fd)).encode()}.items():
            temp.extra.append(attributefiles.write(f"{coming}/{META}/{name}", value))
        temp.extra.append(os.open(f"{coming}/{META}", DIRECTORY))

    def stamp(self, temp: Temp, name: str, value: bytes | None) -> None:
        """See Store."""
        path = f"{temp.attributes}/{META}/{name}"
        with suppress(FileNotFoundError):
            os.unlink(path)
        if value is not None:
            self._flush(attributefiles.write(path, value))

    def _flush(self, *descriptors: int) -> None:
        for fd in descriptors:
            try:
                if self._durable:
                    os.fsync(fd)
            finally:
                os.close(fd)

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
        """See Store."""
        home = self._places.home(path)
        changed: list[int] = []
        try:
            if stat.S_ISREG((status := os.fstat(fd)).st_mode):
                self._places.under_way.settle(self._places.coming(path, status), home, changed)
            elif self._looking.of_a_file(path, status):
                self._drop(path)
            if values:
                attributefiles.make(f"{home}/{META}", changed)
        finally:
            self._flush(*changed)
        for name, value in values.items():
            self._put(f"{home}/{META}/{name}", value)
        for name in drop:
            with suppress(FileNotFoundError, NotADirectoryError):
                os.unlink(f"{home}/{META}/{name}")
        if values:
            self._flush(os.open(f"{home}/{META}", DIRECTORY))
        else:
            self._prune(f"{home}/{META}")

    def _put(self, path: str, value: bytes) -> None:
        """Give an attribute its value, in one step."""
        written = self._places.under_way.name()
        self._flush(attributefiles.write(written, value))
        try:
            os.rename(written, path)
        except IsADirectoryError:
            os.unlink(written)
            raise attributefiles.taken() from None
        except BaseException:
            os.unlink(written)
            raise

    def place(self, temp: Temp, bucket: str, directory: int, path: str, changed: list[int]) -> None:
        """See Store."""
        home = self._places.home(path)
        attributefiles.make(home, changed)  # before the file is there: the place may be taken
        if self._looking.kept_identity(home) == identity(os.fstat(temp.fd)).encode():
            self._put_away(f"{home}/{META}")  # of a file that somebody removed, and whose inode this one has
        temp.move(directory, path.rpartition("/")[2])
        self._places.under_way.settle(temp.attributes, home, changed)

    def unlink(self, bucket: str, directory: int, path: str) -> None:
        """See Store."""
        name = path.rpartition("/")[2]
        try:
            status = os.stat(name, dir_fd=directory, follow_symlinks=False)
            with self._leaving(path, status):
                os.unlink(name, dir_fd=directory)
        except FileNotFoundError:
            self._drop(path)
            raise

    @contextmanager
    def _leaving(self, path: str, status: os.stat_result) -> Iterator[None]:
        """Attributes of a file that is gone after the block: as if on their way, so that none stay or go alone."""
        home = self._places.home(path)
        held: list[int] = []
        try:
            coming = self._places.under_way.begin(self._places.relative(path), status, held)
            try:
                with suppress(FileNotFoundError, NotADirectoryError):
                    os.rename(f"{home}/{META}", f"{coming}/{META}")
                yield
            except BaseException:
                self._places.under_way.settle(coming, home, held)
                raise
            shutil.rmtree(coming, ignore_errors=True)
            self._prune(home)
        finally:
            for fd in held:
                os.close(fd)

    def rmdir(self, bucket: str, directory: int, path: str) -> None:
        """See Store. Its attributes go first: a directory that lost only these is no object any more."""
        name, meta = path.rpartition("/")[2], f"{self._places.home(path)}/{META}"
        fd = os.open(name, DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
        try:
            if os.listdir(fd):
                raise OSError(errno.ENOTEMPTY, "not empty", path)
        finally:
            os.close(fd)
        gone = self._places.under_way.name()
        with suppress(FileNotFoundError, NotADirectoryError):
            os.rename(meta, gone)
        try:
            os.rmdir(name, dir_fd=directory)
        except FileNotFoundError:
            shutil.rmtree(gone, ignore_errors=True)
            raise
        except BaseException:
            _put_back(gone, meta)
            raise
        shutil.rmtree(gone, ignore_errors=True)
        self._prune(os.path.dirname(meta))

    def _drop(self, path: str) -> None:
        """Remove the attributes of a file that is gone."""
        home = self._places.home(path)
        with suppress(FileNotFoundError, NotADirectoryError):
            self._put_away(f"{home}/{META}")
        self._prune(home)

    def _put_away(self, path: str) -> None:
        """Remove a directory by way of another name: whoever reads it sees at once that it isn't in its place."""
        gone = self._places.under_way.name()
        os.rename(path, gone)
        shutil.rmtree(gone, ignore_errors=True)

    def _prune(self, path: str) -> None:
        """Remove the directories that hold nothing, up to the bucket's."""
        while path.count("/") > self._places.top.count("/") + 1:
            try:
                os.rmdir(path)
            except FileNotFoundError:
                pass
            except OSError:
                return
            path = os.path.dirname(path)

    def promote(self, bucket: str, source: str, directory: int, path: str) -> None:
        """See Store."""
        status = os.stat(source)
        with self._copied(source, status, path), self._leaving(source, status):
            os.rename(source, path.rpartition("/")[2], dst_dir_fd=directory)

    def link(self, path: str, new: str, via: str) -> None:
        """See Store."""
        with self._copied(path, os.stat(via), new):
            pass

    @contextmanager
    def _copied(self, path: str, status: os.stat_result, new: str) -> Iterator[None]:
        """Give what will be at `new` after the block the attributes of what is at `path` now."""
        held: list[int] = []
        try:
            coming = self._places.under_way.begin(self._places.relative(new), status, held)

            def copy(directory: int) -> None:
                shutil.rmtree(f"{coming}/{META}", ignore_errors=True)
                attributefiles.copy(directory, f"{coming}/{META}")

            self._looking.look(path, status, copy)
            yield
            changed: list[int] = []
            try:
                self._places.under_way.settle(coming, self._places.home(new), changed)
            finally:
                self._flush(*changed)
        finally:
            for fd in held:
                os.close(fd)

    def rename(self, old: str, new: str) -> None:
        """See Store. Only another gateway's claims have a name of their own here."""
        source, target = f"{self._places.top}/{old}", self._places.home(new)
        if source != target:
            with suppress(FileNotFoundError):
                os.rename(source, target)

    def hide(self, bucket: str, path: str, gone: str) -> Callable[[], None]:
        """See Store. What says which key the uploads beside it were of stays until the next start."""
        source, hidden = self._root.at(path), self._root.at(gone)
        os.rename(source, hidden)
        with suppress(OSError):  # other uploads of the key are under way
            os.rmdir(os.path.dirname(source))
        with suppress(FileNotFoundError):
            self._put_away(self._places.home(path))
        return lambda: shutil.rmtree(hidden, ignore_errors=True)

    def moment_of(self, path: str) -> object:
        """See Store."""
        try:
            return moment_of(os.stat(f"{self._places.home(path)}/{META}"))
        except FileNotFoundError:
            return None

    @contextmanager
    def making(self) -> Iterator[None]:
        """See Store."""
        fd = os.open(self._places.top, DIRECTORY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def new_bucket(self, bucket: str) -> None:
        """See Store."""
        meta = f"{self._places.top}/{bucket}/{META}"
        fd = attributefiles.enter(meta)
        if fd is None:
            return
        try:
            for name in attributefiles.names(fd):
                os.unlink(name, dir_fd=fd)
        finally:
            os.close(fd)

    def forget_bucket(self, bucket: str) -> None:
        """See Store."""
        _clear(f"{self._places.top}/{bucket}", self._places.home(self._versions) if self._versions else "")

    def sweep(self, bucket: str, places: Places, locks: Locks) -> None:
        """See Store."""
        Sweep(self._places, self._flush).bucket(bucket, locks)


def _put_back(gone: str, meta: str) -> None:
    """Move a directory object's attributes to their place again, where others' may be by now."""
    made: list[int] = []
    with suppress(FileNotFoundError):
        names = sorted(os.listdir(gone), key=lambda name: name == "etag")
        attributefiles.make(meta, made)
        for name in names:
            os.rename(f"{gone}/{name}", f"{meta}/{name}")
        os.rmdir(gone)
    for fd in made:
        os.close(fd)


def _clear(path: str, keep: str) -> None:
    """Remove a directory, but not `keep` if that lies below."""
    if not f"{keep}/".startswith(f"{path}/"):
        shutil.rmtree(path, ignore_errors=True)
        return
    if path != keep:
        for name in os.listdir(path):
            _clear(f"{path}/{name}", keep)
