"""One request of an administrator, as those who carry it out are given it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from colonnade.backend import Backend
from colonnade.body import Body
from colonnade.iam.accounts import Accounts
from colonnade.wire.request import Request


@dataclass(frozen=True, slots=True)
class Asked:
    """The request, its body unread, and what it is about. `path` is the request's without where we are mounted.

    Who carries it out says in `changes` what is to be changed, for the log, before it tries.
    """

    request: Request
    path: bytes
    body: Body
    backend: Backend
    accounts: Accounts
    changes: dict[str, Any] = field(default_factory=dict)
