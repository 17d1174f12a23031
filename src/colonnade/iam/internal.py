"""Accounts in a directory: one JSON file, as the compatible gateway has it.

Every worker of a gateway sees a change that another made with the next request, by a mark that they share; what
others changed, by the file's stamp, within EVERY seconds. Changes are made under a lock of the directory, so none is
lost, and put in place by a rename.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from colonnade import ticks
from colonnade.errors import S3Error
from colonnade.iam import users
from colonnade.iam.accounts import Account
from colonnade.iam.users import Change, DocumentAccounts, Rows, Users
from colonnade.mark import Mark

log = logging.getLogger("colonnade.iam")

Stamp: TypeAlias = tuple[int, int, int]
#: What each of some changes was refused with, None for what was made.
Outcomes: TypeAlias = list[Exception | None]

#: Seconds between two looks at the file, where workers tell each other of their changes.
EVERY = 0.05

#: Seconds that whoever goes on changing accounts leaves the directory to others: the system's locks know no order.
_TURN = 0.005


#: How names of files begin that are on their way.
_TEMPORARY = ".users-"


class UnsafeAccountsError(Exception):
    """The directory of accounts can't be used as it is; says why."""


class DirectoryAccounts(DocumentAccounts):
    """The accounts of ``users.json`` in `directory`, and root, who is never in it.

    Made where it isn't there. Without a `mark` the file's stamp is looked at each time. `strict` refuses a file that
    others can read, which is else only warned of. Raises UnsafeAccountsError, OSError, ValueError.
    """

    def __init__(self, directory: str, root: Account, *, strict: bool = True, mark: Mark | None = None) -> None:
        self.root = root
        self.path = Path(directory, "users.json")
        self._file = str(self.path)  # looked at for every request
        self.strict = strict
        self._mark = mark
        self._seen = self._marks = b""
        self._look_at = 0.0
        self._stamp: Stamp | None = None
        self._known = Users()
        self._waiting: list[tuple[str, Change, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        ticks.learn(directory)
        with self._locked():
            self._sweep()
            if not self.path.exists():
                self._replace({})
        self._users()

    async def get(self, access: str) -> Account | None:
        """The account, None where there is none. Raises ServiceUnavailable if it isn't known and can't be read."""
        if access == self.root.access:
            return self.root
        try:
            known = self._users()
        except (OSError, ValueError, UnsafeAccountsError) as error:
            if access not in self._known.accounts or self._changed_since(access):
                log.error("accounts can't be read: %s", error)
                raise S3Error("ServiceUnavailable") from error
            known = self._known  # who was known goes on working while the file is away
        return known.accounts.get(access)

    def _changed_since(self, access: str) -> bool:
        """Whether a worker of ours has changed an account since the file was read."""
        return self._mark is not None and self._mark.changed(self._marks, access)

    async def list(self) -> list[Account]:
        """All but root, by access key."""
        with _unavailable():
            return self._users().listed()

    def _users(self) -> Users:
        """What the file holds now, or held a moment ago."""
        if self._mark is not None:
            seen, now = self._mark.value(), time.monotonic()
            if seen == self._seen and now < self._look_at:
                return self._known
            known = self._look()
            self._seen, self._look_at = seen, now + EVERY
            return known
        return self._look()

    def _look(self) -> Users:
        status = os.stat(self._file)
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._check_private(status)
            marks = self._mark.all() if self._mark is not None else b""
            # Else it may be replaced within the same tick of the clock.
            lasts = ticks.settled(status.st_dev, status.st_mtime_ns, time.time_ns())
            self._known = users.read(self.path.read_bytes(), str(self.path))
            self._stamp, self._marks = stamp if lasts else None, marks
        return self._known

    def _check_private(self, status: os.stat_result) -> None:
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            wrong = f"{self.path} holds secrets and others can read it: chmod 600 it"
            if self.strict:
                raise UnsafeAccountsError(wrong)
            log.warning("%s", wrong)

    async def _change(self, access: str, change: Change) -> None:
        """Have a change made, together with all others that wait: each writing of the file is synced to disk."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((access, change, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        with _unavailable():
            await done

    async def _write(self) -> None:
        """Write for as long as somebody waits."""
        while self._waiting:
            await self._write_waiting()
            await asyncio.sleep(_TURN)

    async def _write_waiting(self) -> None:
        batch, self._waiting = self._waiting, []
        outcomes: Outcomes
        try:
            outcomes = await asyncio.to_thread(self._carry_out, [change for _, change, _ in batch])
        except (OSError, ValueError, UnsafeAccountsError) as error:
            outcomes = [error for _ in batch]
        if self._mark is not None:  # also where it failed: who knows how far it came
            for access, _, _ in batch:
                self._mark.change(access)
        for (*_, done), outcome in zip(batch, outcomes, strict=True):
            if not done.done():
                done.set_exception(outcome) if outcome is not None else done.set_result(None)

    def _carry_out(self, changes: Sequence[Change]) -> Outcomes:
        """Let each change make other rows of those there are, no other process between, and put them in place."""
        outcomes: Outcomes = []
        with self._locked():
            rows = before = users.read(self.path.read_bytes(), str(self.path)).rows
            for change in changes:
                try:
                    rows = change(rows)
                    outcomes.append(None)
                except S3Error as error:
                    outcomes.append(error)
            if rows is not before:
                self._keep_backup()
                self._replace(rows)
        return outcomes

    def _sweep(self) -> None:
        """Remove what a writer that was killed left: nobody else writes while the directory is locked."""
        for left in self.path.parent.glob(f"{_TEMPORARY}*"):
            with suppress(OSError):
                left.unlink()

    def _keep_backup(self) -> None:
        """The file as it is, under another name: it is never written again, only replaced."""
        kept = self.path.with_name(f"{_TEMPORARY}backup")
        kept.unlink(missing_ok=True)
        kept.hardlink_to(self.path)
        kept.rename(self.path.with_name("users.json.backup"))

    def _replace(self, rows: Rows) -> None:
        _write(self.path, Users(rows).encode())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fd = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
            fcntl.flock(fd, fcntl.LOCK_UN)
            os.fsync(fd)
        finally:
            os.close(fd)


@contextmanager
def _unavailable() -> Iterator[None]:
    """A file that can't be read or written is a store that can't be asked."""
    try:
        yield
    except (OSError, ValueError, UnsafeAccountsError) as error:
        log.error("accounts can't be read or changed: %s", error)
        raise S3Error("ServiceUnavailable") from error


def _write(path: Path, data: bytes) -> None:
    """Put a file in place whole, for its owner's eyes only."""
    fd, temporary = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise
