"""Abandoned uploads: what got no part for long enough is cleared away while the gateway serves.

Every worker of every gateway on a directory looks now and then. A lock file in the bucket's work area, which says
when somebody last looked, makes one of them do it. An upload that a part is coming in for stays however old it is:
who receives parts shares the lock of the key's uploads (`uploads.written`), and who completes holds the upload's.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from colonnade import tasks
from colonnade.backends.posix import completions, locks, uploads
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.backends.posix.tree import Tree

log = logging.getLogger("colonnade.posix")

#: Beside the keys' locks, and held by who looks through the bucket.
LOCK = "expiry"

#: Seconds between two looks are this share of the age, an hour at most.
_SHARE, _LONGEST = 0.1, 3600.0


class Expiry:
    """Looks for uploads that got nothing for `age` seconds, from when it is made until it is stopped."""

    def __init__(self, tree: Tree, age: int) -> None:
        self._tree = tree
        self._age = age
        self._pause = min(age * _SHARE, _LONGEST)
        self._stopping = threading.Event()
        self._task = asyncio.create_task(tasks.every(lambda: self._pause, "looking for abandoned uploads", self._look))

    async def stop(self) -> None:
        """End, after the upload that is being removed."""
        self._stopping.set()
        await tasks.end(self._task)

    async def _look(self) -> None:
        await self._tree.threads.work(look, self._tree, self._age, self._pause, self._stopping)


def look(tree: Tree, age: float, pause: float, stopping: threading.Event) -> None:
    """Clear the abandoned uploads of all buckets that nobody looked through in the last `pause` seconds.

    Raises, once it has been through all, what went wrong in some.
    """
    wrong: dict[str, Exception] = {}
    for bucket in os.listdir(tree.root.path):
        try:
            with _due(tree, bucket, pause) as due:
                if due:
                    completions.recover(tree, bucket)
                    _look_through(tree, bucket, age, stopping)
        except FileNotFoundError:
            pass  # the bucket was deleted meanwhile
        except Exception as error:
            wrong[bucket] = error
    if wrong:
        raise ExceptionGroup(f"in {', '.join(wrong)}", list(wrong.values()))


@contextmanager
def _due(tree: Tree, bucket: str, pause: float) -> Iterator[bool]:
    """Whether a bucket with uploads is to be looked through, by us; noted when that is done."""
    area = tree.root.at(f"{bucket}/{TMP}")
    if not os.path.isdir(f"{area}/{uploads.MULTIPART}") or tree.root.linked(bucket, uploads.MULTIPART):
        yield False
        return
    os.makedirs(f"{area}/{locks.DIRECTORY}", exist_ok=True)
    fd = os.open(f"{area}/{locks.DIRECTORY}/{LOCK}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    try:
        due = locks.claim(fd) and not 0 <= time.time() - _looked(fd) < pause
        yield due
        if due:
            os.ftruncate(fd, 0)
            os.pwrite(fd, f"{time.time():.3f}".encode(), 0)
    finally:
        os.close(fd)


def _looked(fd: int) -> float:
    """When somebody last looked, by a lock file; long ago if it doesn't say."""
    try:
        return float(os.pread(fd, 32, 0))
    except ValueError:
        return 0.0


def _look_through(tree: Tree, bucket: str, age: float, stopping: threading.Event) -> None:
    top = f"{bucket}/{TMP}/{uploads.MULTIPART}"
    for key in os.listdir(tree.root.at(top)):
        with suppress(FileNotFoundError, NotADirectoryError):
            for upload_id in os.listdir(tree.root.at(f"{top}/{key}")):
                if stopping.is_set():
                    return
                if uploads.ID.fullmatch(upload_id):
                    _judge(tree, bucket, f"{top}/{key}", upload_id, age)


def _judge(tree: Tree, bucket: str, directory: str, upload_id: str, age: float) -> None:
    """Remove an upload if it is abandoned. Raises FileNotFoundError if it has ended meanwhile."""
    if not _old(os.stat(tree.root.at(f"{directory}/{upload_id}")), age):
        return
    above = os.open(tree.root.at(directory), DIRECTORY | os.O_NOFOLLOW)
    try:
        if not locks.claim(above):  # a part is coming in
            return
        fd = os.open(upload_id, DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
        try:
            # Else it is being completed or aborted, or a part has come.
            if not locks.claim(fd) or not _old(os.fstat(fd), age):
                return
            remove = uploads.hide(tree, bucket, f"{directory}/{upload_id}")
        finally:
            os.close(fd)
    finally:
        os.close(above)
    log.info("upload %s in bucket %s got nothing for %d seconds: cleared away", upload_id, bucket, age)
    remove()


def _old(status: os.stat_result, age: float) -> bool:
    """A directory's time is that of the last part put into it, or when the upload began."""
    return time.time() - status.st_mtime >= age
