"""The steps that differ where a bucket keeps versions. All are made while holding the key's lock.

The current version is the file under the key; a delete marker is an empty file with the attribute of that name. What
is replaced is linked among the older versions first, so that whenever a gateway dies nothing is lost: at worst the
current version is linked there too, which readers know by its id.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from colonnade.backends.posix.errors import ABSENT
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.backends.posix.temp import Temp
from colonnade.backends.posix.versionstore import VersionStore
from colonnade.errors import S3Error
from colonnade.rules import ulid
from colonnade.rules.versions import ENABLED, NULL, SUSPENDED

if TYPE_CHECKING:
    from colonnade.backends.posix.tree import Tree

#: The attributes that say which version a file is, and that it is a delete marker.
ID, MARKER = "version-id", "delete-marker"

#: In nanoseconds: versions are ordered by these.
_MILLISECOND = 1_000_000

#: Milliseconds that the date of a null version may be ahead of the clock.
_AHEAD = 1000


def state(raw: bytes | None) -> str:
    """What a bucket's attribute says: Enabled, Suspended, or empty for never."""
    return "" if raw is None else ENABLED if raw == b"\x01" else SUSPENDED


def store_of(tree: Tree) -> VersionStore:
    """Where versions go. Raises NotImplemented: what is overwritten would be lost."""
    if tree.versions is None:
        raise S3Error(
            "NotImplemented", "This bucket keeps versions, and the gateway was started without --versioning-dir."
        )
    return tree.versions


def replace(tree: Tree, where: Where, directory: int, temp: Temp, status: str, changed: list[int]) -> str:
    """Put a written file in the place of the current version, which is kept. Returns the new version's id.

    `directory` is the open one that the key lies in; directories to be flushed are added to `changed`.
    """
    versions = store_of(tree)
    old = _current(tree, where, directory) if tree.make_room(where, directory) else None
    null = _attributes(tree, where, NULL) if status == SUSPENDED else None
    if null is not None:  # it goes once the new one is in its place, if it may
        tree.check_removable(where.bucket, null, bypass=False)
    if old is not None:
        if status == ENABLED or old != NULL:
            changed.append(versions.keep(where, directory, old))
        else:
            tree.check_unlocked(where)
    version = ulid.new(_before(directory, where, old)) if status == ENABLED else NULL
    if version == NULL:
        _date(temp, old)
    tree.store.stamp(temp, ID, version.encode() if version != NULL else None)
    tree.store.place(temp, where.bucket, directory, where.path, changed)
    if null is not None:
        versions.remove(where, NULL)
    return version


def _before(directory: int, where: Where, old: str | None) -> str:
    """An id that is older than any to be made, and not than the current version `old`."""
    if old is None:
        return ""
    if old != NULL:
        return old
    written = os.stat(where.name, dir_fd=directory, follow_symlinks=False).st_mtime_ns // _MILLISECOND
    # A date that somebody set to long after is no reason to date all that follows so.
    return ulid.lowest(min(written, time.time_ns() // _MILLISECOND + _AHEAD))


def _date(temp: Temp, old: str | None) -> None:
    """Date a null version after the version it follows: filesystems' clocks are coarser than that of ids."""
    after = 0 if old in (None, NULL) else (ulid.milliseconds(old or "") + 1) * _MILLISECOND
    moment = max(time.time_ns(), after)
    os.utime(temp.fd, ns=(moment, moment))


def remove_current(tree: Tree, where: Where, version: str, bypass: bool) -> tuple[bool, int | None]:
    """Remove the current version if it is `version`, and make the newest of the older ones current.

    Returns whether it was a delete marker, and the open directory it lay in; None if it wasn't the current one.
    """
    try:
        directory = tree.root.open(where.parent, DIRECTORY)
    except OSError as error:
        if error.errno in ABSENT:
            return False, None
        raise
    try:
        if _current(tree, where, directory) != version:
            os.close(directory)
            return False, None
        tree.check_unlocked(where, bypass=bypass)
        marker = tree.store.get(where.path, MARKER, f"/proc/self/fd/{directory}/{where.name}") is not None
        versions = store_of(tree)
        versions.remove(where, version)  # what a gateway that died had linked already
        older = versions.ids(where)
        if older:
            versions.promote(where, directory, older[0])
        else:
            tree.store.unlink(where.bucket, directory, where.path)
    except BaseException:
        os.close(directory)
        raise
    return marker, directory


def remove_older(tree: Tree, where: Where, version: str, bypass: bool) -> bool:
    """Remove an older version, if it is there and not locked. Returns whether it was a delete marker."""
    attributes = _attributes(tree, where, version)
    if attributes is None:
        return False
    tree.check_removable(where.bucket, attributes, bypass=bypass)
    store_of(tree).remove(where, version)
    return MARKER in attributes


def _attributes(tree: Tree, where: Where, version: str) -> dict[str, bytes] | None:
    """An older version's attributes, None if there is no such version."""
    try:
        fd = store_of(tree).open(where, version)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise
    try:
        return tree.store.read(fd, where.bucket, store_of(tree).path(where, version))
    finally:
        os.close(fd)


def _current(tree: Tree, where: Where, directory: int) -> str | None:
    """The id of the current version; None where there is no file."""
    try:
        if stat.S_ISDIR(os.stat(where.name, dir_fd=directory, follow_symlinks=False).st_mode):
            return None
    except FileNotFoundError:
        return None
    raw = tree.store.get(where.path, ID, f"/proc/self/fd/{directory}/{where.name}")
    return raw.decode() if raw else NULL
