"""Accounts in a directory: one JSON file, as the compatible gateway has it.

Every process that serves the directory sees a change with the next request, because the file's stamp is looked at
each time; changes are made under a lock of the directory, so none is lost, and put in place by a rename.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from colonnade.errors import S3Error
from colonnade.iam import users
from colonnade.iam.accounts import Account, ChangeableAccounts
from colonnade.iam.users import Rows, Users

log = logging.getLogger("colonnade.iam")

Stamp: TypeAlias = tuple[int, int, int]

#: A file younger than this when it was read may have been replaced in the same tick of the clock.
_TICK = 50_000_000


class UnsafeAccountsError(Exception):
    """The directory of accounts can't be used as it is; says why."""


class DirectoryAccounts(ChangeableAccounts):
    """The accounts of ``users.json`` in `directory`, and root, who is never in it.

    Made where it isn't there. `strict` refuses a file that others can read, which is else only warned of. Raises
    UnsafeAccountsError, OSError, ValueError.
    """

    def __init__(self, directory: str, root: Account, *, strict: bool = True) -> None:
        self.root = root
        self.path = Path(directory, "users.json")
        self.strict = strict
        self._stamp: Stamp | None = None
        self._known = Users()
        with self._locked():
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
            if access not in self._known.accounts:
                log.error("accounts can't be read: %s", error)
                raise S3Error("ServiceUnavailable") from error
            known = self._known  # who was known goes on working while the file is away
        return known.accounts.get(access)

    async def list(self) -> list[Account]:
        """All but root, by access key."""
        with _unavailable():
            return self._users().listed()

    async def create(self, account: Account) -> None:
        """Add an account. Raises XAdminUserExists, also for root's access key."""
        await self._change(partial(users.created, account=account, root=self.root))

    async def update(self, access: str, changes: Mapping[str, Any]) -> None:
        """Change fields of an account, named as Account names them. Raises XAdminUserNotFound."""
        await self._change(partial(users.updated, access=access, changes=changes))

    async def delete(self, access: str) -> None:
        """Remove an account; one that isn't there is no error."""
        await self._change(partial(users.deleted, access=access))

    def _users(self) -> Users:
        """What the file holds now."""
        status = self.path.stat()
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            self._check_private(status)
            young = time.time_ns() - status.st_mtime_ns < _TICK
            self._known = users.read(self.path.read_bytes(), str(self.path))
            self._stamp = None if young else stamp
        return self._known

    def _check_private(self, status: os.stat_result) -> None:
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            wrong = f"{self.path} holds secrets and others can read it: chmod 600 it"
            if self.strict:
                raise UnsafeAccountsError(wrong)
            log.warning("%s", wrong)

    async def _change(self, change: Callable[[Rows], Rows]) -> None:
        with _unavailable():
            await asyncio.to_thread(self._carry_out, change)

    def _carry_out(self, change: Callable[[Rows], Rows]) -> None:
        """Let `change` make other rows of those there are, no other process between, and put them in place."""
        with self._locked():
            before = self.path.read_bytes()
            rows = change(users.read(before, str(self.path)).rows)
            _write(self.path.with_name("users.json.backup"), before)
            self._replace(rows)

    def _replace(self, rows: Rows) -> None:
        _write(self.path, Users(rows).encode())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fd = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
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
    fd, temporary = tempfile.mkstemp(prefix=".users-", dir=path.parent)
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
