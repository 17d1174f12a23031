"""What an account is, and the door every account store is reached through."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Protocol


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


class Accounts(Protocol):
    """An account store."""

    #: Who may do everything, and whose secret is the same for all that serve one configuration.
    root: Account

    async def get(self, access: str) -> Account | None:
        """The account with this access key, None where there is none. Raises S3Error when it can't be asked."""
