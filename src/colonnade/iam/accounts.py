"""What an account is, and the doors every account store is reached through."""

from __future__ import annotations

import abc
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Role(enum.StrEnum):
    """What an account may do beside what policies and ACLs grant it."""

    ADMIN = "admin"
    USERPLUS = "userplus"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign requests. `access` is the access key, and the canonical id in ACLs."""

    access: str
    secret: str = field(repr=False)
    role: Role = Role.USER
    user_id: int = 0
    group_id: int = 0
    project_id: int = 0
    root: bool = False


class Accounts(abc.ABC):
    """An account store."""

    #: Who may do everything, and whose secret is the same for all that serve one configuration.
    root: Account

    @abc.abstractmethod
    async def get(self, access: str) -> Account | None:
        """The account with this access key, None where there is none.

        Raises ServiceUnavailable when it can't be asked.
        """

    def forget(self) -> None:  # noqa: B027 (most remember nothing)
        """Believe nothing that was read before: somebody changed accounts."""

    async def close(self) -> None:  # noqa: B027 (most hold nothing)
        """Let go of connections. No call comes after it."""


class ChangeableAccounts(Accounts):
    """A store whose accounts administrators change. All raise ServiceUnavailable when it can't be asked."""

    @abc.abstractmethod
    async def list(self) -> list[Account]:
        """All but root, by access key."""

    @abc.abstractmethod
    async def create(self, account: Account) -> None:
        """Add an account. Raises XAdminUserExists, also for root's access key."""

    @abc.abstractmethod
    async def update(self, access: str, changes: Mapping[str, Any]) -> None:
        """Change fields of an account, named as Account names them. Raises XAdminUserNotFound."""

    @abc.abstractmethod
    async def delete(self, access: str) -> None:
        """Remove an account; one that isn't there is no error."""
