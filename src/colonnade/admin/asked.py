"""One request of an administrator, as those who carry it out are given it."""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.backend import Backend
from colonnade.body import Body
from colonnade.iam.accounts import Accounts
from colonnade.wire.request import Request


@dataclass(frozen=True, slots=True)
class Asked:
    """The request, its body unread, and what it is about. `path` is the request's without where we are mounted."""

    request: Request
    path: bytes
    body: Body
    backend: Backend
    accounts: Accounts
