"""The document that accounts lie in, wherever that is: ``users.json`` as the compatible gateway has it.

One row that can't be understood costs the account it would be, and nobody else: rows are kept as they were found, and
read one by one.
"""

from __future__ import annotations

import abc
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, ChangeableAccounts, Role

log = logging.getLogger("colonnade.iam")

Rows: TypeAlias = dict[str, Any]

#: The rows there are -> the rows there are to be. Raises S3Error.
Change: TypeAlias = Callable[[Rows], Rows]

#: Fields of Account -> their names in the document.
FIELDS: Mapping[str, str] = {
    "access": "access",
    "secret": "secret",
    "role": "role",
    "user_id": "userID",
    "group_id": "groupID",
    "project_id": "projectID",
}


@dataclass(frozen=True, slots=True)
class Users:
    """The rows of a document by access key, and the accounts that they are."""

    rows: Rows = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The document."""
        return json.dumps({"accessAccounts": self.rows}, ensure_ascii=False, separators=(",", ":")).encode()

    def listed(self) -> list[Account]:
        """The accounts by access key."""
        return [self.accounts[access] for access in sorted(self.accounts)]


class DocumentAccounts(ChangeableAccounts):
    """A store of such a document: however it is kept, a change makes other rows of those there are."""

    async def create(self, account: Account) -> None:
        """See the base."""
        await self._change(account.access, partial(created, account=account, root=self.root))

    async def update(self, access: str, changes: Mapping[str, Any]) -> None:
        """See the base."""
        await self._change(access, partial(updated, access=access, changes=changes))

    async def delete(self, access: str) -> None:
        """See the base."""
        await self._change(access, partial(deleted, access=access))

    @abc.abstractmethod
    async def _change(self, access: str, change: Change) -> None:
        """Have a change of an account made, none other lost by it. Raises what it raises, ServiceUnavailable."""


def read(raw: bytes, where: str) -> Users:
    """A document; rows that are no account are logged, with `where` they are. Raises ValueError for no document."""
    document = json.loads(raw)
    rows = document.get("accessAccounts") if isinstance(document, dict) else ()
    rows = {} if rows is None else rows
    if not isinstance(rows, dict):
        raise ValueError(f"{where} holds no accounts")
    accounts = {}
    for access, row in rows.items():
        try:
            accounts[access] = _account(access, row)
        except ValueError as error:
            log.error("%s: the account %a can't be read and is left out: %s", where, access, error)
    return Users(rows, accounts)


def created(rows: Rows, account: Account, root: Account) -> Rows:
    """With another account. Raises XAdminUserExists."""
    if account.access in rows or account.access == root.access:
        raise S3Error("XAdminUserExists")
    return {**rows, account.access: {name: getattr(account, key) for key, name in FIELDS.items()}}


def updated(rows: Rows, access: str, changes: Mapping[str, Any]) -> Rows:
    """With fields of an account changed. Raises XAdminUserNotFound."""
    if access not in rows:
        raise S3Error("XAdminUserNotFound")
    row = rows[access] if isinstance(rows[access], dict) else {FIELDS["access"]: access}
    return {**rows, access: {**row, **{FIELDS[key]: value for key, value in changes.items()}}}


def deleted(rows: Rows, access: str) -> Rows:
    """Without an account."""
    return {name: row for name, row in rows.items() if name != access}


def _account(access: str, row: Any) -> Account:
    """A row. Raises ValueError, which says what is wrong and no secret."""
    if not isinstance(row, dict):
        raise ValueError("it is no object")
    if row.get("access") != access:
        raise ValueError("its access key is another")
    if not isinstance(row.get("secret"), str) or not row["secret"]:
        raise ValueError("it has no secret")
    if row.get("role") not in tuple(Role):
        raise ValueError(f"its role is none of {', '.join(Role)}")
    numbers = [row.get(FIELDS[key]) or 0 for key in ("user_id", "group_id", "project_id")]
    if any(isinstance(number, bool) or not isinstance(number, int) for number in numbers):
        raise ValueError("an id of it is no whole number")
    return Account(access, row["secret"], Role(row["role"]), numbers[0], numbers[1], numbers[2])
