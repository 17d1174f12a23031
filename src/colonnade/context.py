"""Who is asking: the caller of the request in hand, for what a backend must record (owners, chown)."""

from __future__ import annotations

from contextvars import ContextVar

from colonnade.iam.accounts import Account

_caller: ContextVar[Account | None] = ContextVar("caller", default=None)
_request_id: ContextVar[str] = ContextVar("request_id", default="")

set_caller = _caller.set
set_request_id = _request_id.set


def caller() -> Account | None:
    """The account that signed the request, None when it is anonymous or there is no request."""
    return _caller.get()


def request_id() -> str:
    """The x-amz-request-id of the request in hand, empty where there is none."""
    return _request_id.get()
