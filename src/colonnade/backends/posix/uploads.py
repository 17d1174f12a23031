"""Multipart uploads as directories of the work area, and finding one.

``.sgwtmp/multipart/<SHA-256 of the key>/<upload id>/`` holds the parts, by their numbers, and as its attributes
what the object will have; the directory above says which key it is. Whoever ends an upload holds an flock on its
directory, so that a claim whose owner died is recognised; whoever writes to one shares an flock on the directory
of its key, so that it isn't taken for abandoned meanwhile.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from colonnade.backends.posix import locks
from colonnade.backends.posix.errors import ABSENT
from colonnade.backends.posix.locks import make_work_area
from colonnade.backends.posix.names import TMP, Where
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.backends.posix.temp import GONE
from colonnade.backends.posix.tree import Tree, close
from colonnade.errors import S3Error
from colonnade.rules import checksums
from colonnade.rules.multipart import Part, Promise

MULTIPART = "multipart"

#: Ends the name of an upload that is being completed.
CLAIMED = ".inprogress"

#: The attribute that tells the key of the uploads in a directory.
KEY = "objname"

#: Attributes of an upload that are not the object's.
INITIATED, INITIATOR = "colonnade.initiated", "colonnade.initiator"

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NUMBER = re.compile(r"[1-9][0-9]{0,4}")


@dataclass(slots=True)
class Upload:
    """An open upload. `path` is relative to the served directory; `attributes` are its own and the object's."""

    where: Where
    id: str
    path: str
    fd: int
    attributes: dict[str, bytes]
    promise: Promise

    @property
    def initiated(self) -> datetime:
        """When it began; other gateways' uploads tell it by their directory's time alone."""
        kept = self.attributes.get(INITIATED)
        moment = int(kept) if kept else int(os.fstat(self.fd).st_mtime)
        return datetime.fromtimestamp(moment, UTC)

    @property
    def initiator(self) -> str:
        """The access key that began it."""
        return self.attributes.get(INITIATOR, b"").decode()


def new_id() -> str:
    """An upload id: a UUID that sorts by time (version 7), as S3 lists the uploads of one key."""
    stamp = time.time_ns() // 1_000_000
    return str(uuid.UUID(int=stamp << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0x2 << 62 | secrets.randbits(62)))


def milliseconds(upload_id: str) -> int:
    """When an upload began, by its id; 0 for ids of other kinds than ours."""
    try:
        told = uuid.UUID(upload_id)
    except ValueError:
        return 0
    return told.int >> 80 if told.version == 7 else 0


def key_directory(where: Where) -> str:
    """Where the uploads of a key lie, relative to the served directory."""
    return f"{where.bucket}/{TMP}/{MULTIPART}/{hashlib.sha256(where.key.encode()).hexdigest()}"


def make(tree: Tree, where: Where, upload_id: str, attributes: Mapping[str, bytes]) -> list[int]:
    """Make an upload's directory and give it its attributes; open directories to be flushed."""
    make_work_area(tree.root, where.bucket, MULTIPART)
    above = key_directory(where)
    changed: list[int] = []
    try:
        while True:
            with suppress(FileExistsError):
                os.mkdir(tree.root.at(above), 0o755)
                changed.append(tree.root.open(os.path.dirname(above), DIRECTORY))
            try:
                _give(tree, where, above, {KEY: where.key.encode()}, durable=False)  # flushed with the directory
                os.mkdir(tree.root.at(f"{above}/{upload_id}"), 0o755)
            except FileNotFoundError:
                continue  # the last other upload of the key has just ended
            # What overflows is said to belong to the upload, so that the next start finds its owner.
            path = f"{above}/{upload_id}"
            _give(tree, replace(where, key=path.partition("/")[2]), path, attributes, durable=tree.options.fsync)
            changed.append(tree.root.open(above, DIRECTORY))
            return changed
    except BaseException:
        close(changed)
        raise


def _give(tree: Tree, where: Where, path: str, attributes: Mapping[str, bytes], *, durable: bool) -> None:
    fd = os.open(tree.root.at(path), DIRECTORY)
    try:
        tree.store.change(fd, where, path, attributes, durable=durable)
    finally:
        os.close(fd)


def find(tree: Tree, where: Where, upload_id: str) -> Upload:
    """An upload, open; the caller closes it. Raises NoSuchUpload, NoSuchBucket."""
    path = f"{key_directory(where)}/{upload_id}"
    try:
        if not ID.fullmatch(upload_id):
            raise FileNotFoundError
        fd = tree.root.open(path, DIRECTORY)
    except OSError as error:
        if not isinstance(error, FileNotFoundError) and error.errno not in ABSENT:
            raise
        tree.bucket(where.bucket)
        raise S3Error("NoSuchUpload", UploadId=upload_id) from error
    try:
        attributes = tree.store.read(fd, where.bucket, path)
    except BaseException:
        os.close(fd)
        raise
    return Upload(where, upload_id, path, fd, attributes, _promise(attributes))


@contextmanager
def found(tree: Tree, where: Where, upload_id: str) -> Iterator[Upload]:
    """`find`, closed at the end."""
    upload = find(tree, where, upload_id)
    try:
        yield upload
    finally:
        os.close(upload.fd)


@asynccontextmanager
async def written(tree: Tree, where: Where, upload_id: str) -> AsyncIterator[Upload]:
    """`found`, for who writes to it: meanwhile it is not abandoned."""
    held = await _hold(tree, where)
    try:
        with found(tree, where, upload_id) as upload:
            yield upload
    finally:
        if held is not None:
            os.close(held)


async def _hold(tree: Tree, where: Where) -> int | None:
    """A descriptor that shares the lock of a key's uploads until it is closed; None where there are none."""
    try:
        fd = tree.root.open(key_directory(where), DIRECTORY)
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:  # somebody looks whether one of them is abandoned
        try:
            await tree.threads.wait(fcntl.flock, fd, fcntl.LOCK_SH)
        except BaseException:
            os.close(fd)
            raise
    return fd


def _promise(attributes: dict[str, bytes]) -> Promise:
    kept = checksums.from_json(attributes.get("checksums", b"{}"))
    return Promise(kept.algorithm, kept.type or "COMPOSITE") if kept else Promise()


def claim(upload: Upload) -> bool:
    """Hold the upload until its descriptor is closed; False if somebody else does."""
    return locks.claim(upload.fd)


def discard(tree: Tree, bucket: str, path: str) -> None:
    """Remove an upload: out of sight at once, then file by file. Raises FileNotFoundError."""
    hide(tree, bucket, path)()


def hide(tree: Tree, bucket: str, path: str) -> Callable[[], None]:
    """Take an upload out of sight, in one step. What is returned removes it, file by file."""
    return tree.store.hide(bucket, path, f"{bucket}/{TMP}/{GONE}{secrets.token_hex(8)}")


def rename(tree: Tree, old: str, new: str) -> None:
    """Rename an upload's directory, its attributes with it."""
    tree.store.rename(old, new)
    try:
        os.rename(tree.root.at(old), tree.root.at(new))
    except BaseException:
        tree.store.rename(new, old)
        raise


def numbers(upload: Upload) -> list[int]:
    """The numbers of the parts that are there, in order."""
    return sorted(int(name) for name in os.listdir(upload.fd) if _NUMBER.fullmatch(name))


def part(tree: Tree, upload: Upload, number: int) -> tuple[Part, datetime] | None:
    """A part and when it came, None where there is none."""
    try:
        fd = os.open(str(number), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=upload.fd)
    except FileNotFoundError:
        return None
    try:
        status = os.fstat(fd)
        path = f"{upload.path}/{number}"
        kept = checksums.from_json(tree.store.get(path, "checksums", fd) or b"{}")
        value = kept.value if kept else (tree.store.get(path, "part-crc64nvme", fd) or b"").decode()
        etag = (tree.store.get(path, "etag", fd) or b"").decode()
        return Part(number, status.st_size, etag, value), datetime.fromtimestamp(int(status.st_mtime), UTC)
    finally:
        os.close(fd)
