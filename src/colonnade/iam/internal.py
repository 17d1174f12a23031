"""Accounts in a directory: one JSON file, as the compatible gateway has it.

Every process that serves the directory sees a change with the next request, because the file's stamp is looked at
each time; changes are made under a lock of the directory, so none is lost, and put in place by a rename.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import stat
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Role

Users: TypeAlias = dict[str, Any]
Stamp: TypeAlias = tuple[int, int, int]

#: A file younger than this when it was read may have been replaced in the same tick of the clock.
_TICK = 50_000_000

#: Fields of Account -> their names in the file.
FIELDS: Mapping[str, str] = {
    "access": "access",
    "secret": "secret",
    "role": "role",
    "user_id": "userID",
    "group_id": "groupID",
    "project_id": "projectID",
}


class UnsafeAccountsError(Exception):
    """The directory of accounts can't be used as it is; says why."""


class DirectoryAccounts:
    """The accounts of ``users.json`` in `directory`, and root, who is never in it.

    Made where it isn't there. Raises UnsafeAccountsError for a file that others can read, OSError.
    """

    def __init__(self, directory: str, root: Account) -> None:
        self.root = root
        self.path = Path(directory, "users.json")
        self._stamp: Stamp | None = None
        self._known: Users = {}
        with self._locked():
            if not self.path.exists():
                self._replace({})
        self._users()

    async def get(self, access: str) -> Account | None:
        """The account, None where there is none. Raises ServiceUnavailable if it isn't known and can't be read."""
        if access == self.root.access:
            return self.root
        try:
            users = self._users()
        except (OSError, ValueError, UnsafeAccountsError) as error:
            if access not in self._known:
                raise S3Error("ServiceUnavailable") from error
            users = self._known  # who was known goes on working while the file is away
        row = users.get(access)
        return None if row is None else _account(row)

    async def list(self) -> list[Account]:
        """All but root, by access key."""
        users = self._users()
        return [_account(users[access]) for access in sorted(users)]

    async def create(self, account: Account) -> None:
        """Add an account. Raises XAdminUserExists, also for root's access key."""

        def change(users: Users) -> None:
            if account.access in users or account.access == self.root.access:
                raise S3Error("XAdminUserExists")
            users[account.access] = {name: getattr(account, key) for key, name in FIELDS.items()}

        await asyncio.to_thread(self._change, change)

    async def update(self, access: str, changes: Mapping[str, Any]) -> None:
        """Change fields of an account, named as Account names them. Raises XAdminUserNotFound."""

        def change(users: Users) -> None:
            if access not in users:
                raise S3Error("XAdminUserNotFound")
            users[access] = {**users[access], **{FIELDS[key]: value for key, value in changes.items()}}

        await asyncio.to_thread(self._change, change)

    async def delete(self, access: str) -> None:
        """Remove an account; one that isn't there is no error."""
        await asyncio.to_thread(self._change, lambda users: users.pop(access, None))

    def _users(self) -> Users:
        """What the file holds now."""
        status = self.path.stat()
        stamp = (status.st_ino, status.st_mtime_ns, status.st_size)
        if stamp != self._stamp:
            if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise UnsafeAccountsError(f"{self.path} holds secrets and others can read it: chmod 600 it")
            young = time.time_ns() - status.st_mtime_ns < _TICK
            self._known = self._read()
            self._stamp = None if young else stamp
        return self._known

    def _read(self) -> Users:
        users = json.loads(self.path.read_bytes()).get("accessAccounts") or {}
        if not isinstance(users, dict) or not all(isinstance(row, dict) for row in users.values()):
            raise ValueError(f"{self.path} holds no accounts")
        for row in users.values():
            _account(row)
        return users

    def _change(self, change: Callable[[Users], object]) -> None:
        """Let `change` edit the accounts, no other process between, and put them in place."""
        with self._locked():
            before = self.path.read_bytes()
            users = self._read()
            change(users)
            _write(self.path.with_name("users.json.backup"), before)
            self._replace(users)

    def _replace(self, users: Users) -> None:
        document = {"accessAccounts": users}
        _write(self.path, json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fd = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
            os.fsync(fd)
        finally:
            os.close(fd)


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


def _account(row: Mapping[str, Any]) -> Account:
    """A row of the file. Raises ValueError, also for what is missing or of another type."""
    if not isinstance(row.get("access"), str) or not isinstance(row.get("secret"), str):
        raise ValueError("an account has no access key or no secret")
    uid, gid, project = (int(row.get(FIELDS[key]) or 0) for key in ("user_id", "group_id", "project_id"))
    return Account(row["access"], row["secret"], Role(row.get("role") or ""), uid, gid, project)
