"""Reading an object as one consistent version: status, attributes and bytes come from one descriptor."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from colonnade.backends.posix import names
from colonnade.backends.posix.errors import ABSENT
from colonnade.backends.posix.states import State
from colonnade.backends.posix.tree import Tree
from colonnade.errors import S3Error
from colonnade.rules.conditions import Current
from colonnade.rules.versions import DELETE_MARKER, NULL, check_id


class Found:
    """An open object, or one whose bytes, or all that is wanted, are `data` already, and whose `fd` is -1.

    `attributes` are without ``user.``; a directory object's size is 0.
    """

    __slots__ = ("attributes", "data", "etag", "fd", "modified", "path", "size", "state", "version")

    def __init__(self, fd: int, path: str, state: State, data: bytes | None = None) -> None:
        self.fd = fd
        self.data = data
        #: Relative to the served directory, absolute for an older version.
        self.path = path
        #: The version's id, empty in a bucket that never kept versions.
        self.version = ""
        self.state = state
        self.attributes = state.attributes
        self.size = state.size
        self.modified = state.modified
        self.etag = state.etag

    @property
    def current(self) -> Current:
        """What conditions are judged by."""
        return Current(self.etag, self.modified, self.size)

    def read(self, offset: int, length: int) -> bytes:
        """Some of its bytes, which may end early. Raises OSError."""
        return os.pread(self.fd, length, offset) if self.data is None else self.data[offset : offset + length]

    def take(self) -> int:
        """The descriptor, to be closed by whoever takes it."""
        fd, self.fd = self.fd, -1
        return fd

    def close(self) -> None:
        """Close the descriptor, unless it was taken."""
        if self.fd >= 0:
            os.close(self.take())


@contextmanager
def found(tree: Tree, arguments: Mapping[str, Any], leave: Collection[str] = ()) -> Iterator[Found]:
    """The object that Bucket, Key and VersionId name, all attributes but those to `leave` read.

    Raises NoSuchBucket, NoSuchKey (with DeleteMarker in its output for one that was deleted), NoSuchVersion,
    InvalidArgument, OSError.
    """
    thing = find(tree, arguments, leave)
    try:
        yield thing
    finally:
        thing.close()


def find(tree: Tree, arguments: Mapping[str, Any], leave: Collection[str] = ()) -> Found:
    """What `found` gives, to be closed by the caller. Raises as it does."""
    where = names.find(arguments["Bucket"], arguments["Key"])
    asked = arguments.get("VersionId")
    thing = _open(tree, where, leave) if asked is None else _version(tree, where, arguments, leave)
    attributes = thing.attributes
    if tree.versions is not None or "version-id" in attributes:
        thing.version = _id(tree, where, attributes)
    if "delete-marker" not in attributes:
        return thing
    thing.close()
    output: dict[str, Any] = {"DeleteMarker": True, "VersionId": _id(tree, where, attributes) or "null"}
    if asked is None:
        raise S3Error("NoSuchKey", Key=where.key, output=output)
    raise S3Error("MethodNotAllowed", output=output | {"LastModified": thing.modified}, ResourceType=DELETE_MARKER)


def _id(tree: Tree, where: names.Where, attributes: Mapping[str, bytes]) -> str:
    """The id of a version as S3 tells it: none in a bucket that never kept versions."""
    raw = attributes.get("version-id")
    if raw is not None:
        return raw.decode()
    return NULL if tree.versioning(where.bucket) else ""


def _version(tree: Tree, where: names.Where, arguments: Mapping[str, Any], leave: Collection[str]) -> Found:
    """The current version if it is the one that VersionId names, else an older one of that id."""
    check_id(arguments)
    wanted = arguments["VersionId"]
    for _ in range(3):  # a version may become older, or current again, while it is looked for
        try:
            thing = _open(tree, where, leave)
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
        else:
            # Before the older ones: a gateway that died may have left a null version there that was replaced.
            if thing.attributes.get("version-id", NULL.encode()).decode() == wanted:
                return thing
            thing.close()
        with suppress(FileNotFoundError):
            return _older(tree, where, wanted, leave)
    raise S3Error("NoSuchVersion", Key=where.key, VersionId=wanted)


def _older(tree: Tree, where: names.Where, wanted: str, leave: Collection[str]) -> Found:
    """An older version. Raises FileNotFoundError."""
    if tree.versions is None or where.directory:
        raise FileNotFoundError
    fd = tree.versions.open(where, wanted)
    try:
        path = tree.versions.path(where, wanted)
        return Found(fd, path, tree.states.of(fd, where.bucket, path, leave)[1])
    except BaseException:
        os.close(fd)
        raise


def _open(tree: Tree, where: names.Where, leave: Collection[str]) -> Found:
    for _ in range(100):
        try:
            fd = tree.root.open(where.path)
        except OSError as error:
            if error.errno in ABSENT:
                raise tree.missing(where) from error
            raise
        try:
            status, state = tree.states.of(fd, where.bucket, where.path, leave)
            mode = status.st_mode
            if stat.S_ISDIR(mode) != where.directory or not (stat.S_ISREG(mode) or where.directory):
                raise S3Error("NoSuchKey", Key=where.key)
            if where.directory and "etag" not in state.attributes:
                raise S3Error("NoSuchKey", Key=where.key)
            thing = Found(fd, where.path, state)
        except FileNotFoundError:
            os.close(fd)  # replaced between opening it and reading what is kept beside it
            continue
        except BaseException:
            os.close(fd)
            raise
        return thing
    raise S3Error("ServiceUnavailable")
