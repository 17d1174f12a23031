"""Attributes that don't fit the filesystem (ext4 has room for some 4,000 bytes a file) kept in a file beside.

The file lies in the bucket's work area under a random id, which the object carries in an attribute; it also
says which key and inode it belongs to, so that a stale one is recognised, and a file that another program copied
with its attributes doesn't take the original's away. What it holds wins over an attribute of the
same name, so that writing one id switches all of them at once.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from colonnade.backends.posix.locks import make_work_area
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.paths import Root

DIRECTORY = "colonnade.overflow"


class Overflow:
    """The overflow files of all buckets."""

    def __init__(self, root: Root) -> None:
        self._root = root

    def _path(self, bucket: str, identity: str) -> str:
        return self._root.at(f"{bucket}/{TMP}/{DIRECTORY}/{identity}")

    def used(self, bucket: str) -> bool:
        """Whether any object of a bucket can have such a file: it costs less to ask than of each object."""
        return os.access(self._root.at(f"{bucket}/{TMP}/{DIRECTORY}"), os.F_OK)

    def write(
        self, bucket: str, key: str, owner: int, values: Mapping[str, bytes], *, durable: bool
    ) -> tuple[str, int]:
        """Keep the values of the open file `owner`: (id, descriptor). Hold the descriptor until it carries the id."""
        identity = secrets.token_hex(12)
        make_work_area(self._root, bucket, DIRECTORY)
        path = self._path(bucket, identity)
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            encoded = {name: base64.b64encode(value).decode() for name, value in values.items()}
            document = json.dumps({"key": key, "inode": os.fstat(owner).st_ino, "values": encoded}).encode()
            while document:
                document = document[os.write(fd, document) :]
            if durable:
                os.fsync(fd)
                directory = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                try:
                    os.fsync(directory)
                finally:
                    os.close(directory)
        except BaseException:
            os.close(fd)
            os.unlink(path)
            raise
        return identity, fd

    def read(self, bucket: str, identity: str) -> dict[str, bytes]:
        """The values kept. Raises FileNotFoundError: the object they belonged to was replaced just now."""
        values: dict[str, str] = self._document(bucket, identity)["values"]
        return {name: base64.b64decode(value) for name, value in values.items()}

    def forget(self, bucket: str, identity: str, inode: int) -> None:
        """Remove the values of the file `inode`; nothing happens if they are gone, or another file's."""
        with suppress(FileNotFoundError):
            if self._document(bucket, identity).get("inode") == inode:
                os.unlink(self._path(bucket, identity))

    def _document(self, bucket: str, identity: str) -> dict[str, Any]:
        with open(self._root.open(f"{bucket}/{TMP}/{DIRECTORY}/{identity}"), "rb") as file:
            document: dict[str, Any] = json.load(file)
        return document
