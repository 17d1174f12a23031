"""What goes along with the request in hand: who asks (owners, chown), who answered, what seals page tokens."""

from __future__ import annotations

from contextvars import ContextVar

from colonnade.iam.accounts import Account

_caller: ContextVar[Account | None] = ContextVar("caller", default=None)
_request_id: ContextVar[str] = ContextVar("request_id", default="")

_token_key: ContextVar[bytes] = ContextVar("token_key", default=b"")
_served_by: ContextVar[str] = ContextVar("served_by", default="")

set_caller = _caller.set
reset_caller = _caller.reset
set_request_id = _request_id.set
set_token_key = _token_key.set
set_served_by = _served_by.set


def caller() -> Account | None:
    """The account that signed the request, None when it is anonymous or there is no request."""
    return _caller.get()


def request_id() -> str:
    """The x-amz-request-id of the request in hand, empty where there is none."""
    return _request_id.get()


def token_key() -> bytes:
    """What continuation tokens are sealed with, empty where there is no request."""
    return _token_key.get()


def served_by() -> str:
    """Which of several backends answered, as the x-colonnade-backend header says it; empty with only one."""
    return _served_by.get()
