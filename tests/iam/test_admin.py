"""The administrator's API over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import colonnade.testing
from colonnade.iam.accounts import Account, Role
from colonnade.iam.internal import DirectoryAccounts
from colonnade.testing import Endpoint
from tests.conformance.raw import Raw, Reply

ALICE = b"<Account><Access>alice</Access><Secret>s</Secret><Role>user</Role><UserID>7</UserID></Account>"


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """A server over an empty directory of accounts."""
    accounts = DirectoryAccounts(str(tmp_path), Account("root", "root", Role.ADMIN, root=True))
    with colonnade.testing.server(accounts=accounts) as running:
        yield running.url


def patch(url: str, path: str, body: bytes = b"", who: str = "root", secret: str = "") -> Reply:
    """A signed request of somebody, whose secret is the name unless it is said."""
    return Raw(Endpoint(url, who, secret or who, "us-east-1"))("PATCH", path, body)


def test_an_account_is_made_changed_listed_and_removed(url: str) -> None:
    """Statuses and bodies are the compatible gateway's."""
    assert patch(url, "/create-user", ALICE).status == 201
    assert patch(url, "/update-user?access=alice", b"<MutableProps><Role>admin</Role></MutableProps>").status == 200
    listed = patch(url, "/list-users", who="alice", secret="s").body
    row = b"<Access>alice</Access><Secret>s</Secret><Role>admin</Role><UserID>7</UserID>"
    assert b"<ListUserAccountsResult><Accounts>" + row + b"<GroupID>0</GroupID>" in listed
    assert patch(url, "/delete-user?access=alice").status == 200
    assert b"Accounts>" not in patch(url, "/list-users").body.replace(b"ListUserAccountsResult>", b"")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/create-user", ALICE, 409, b"XAdminUserExists"),
        ("/create-user", ALICE.replace(b"user<", b"king<"), 400, b"XAdminInvalidArgument"),
        ("/create-user", ALICE.replace(b"<Secret>s</Secret>", b""), 400, b"XAdminInvalidArgument"),
        ("/create-user", b"<Account>", 400, b"MalformedXML"),
        ("/update-user?access=bob", b"<MutableProps/>", 404, b"XAdminUserNotFound"),
        ("/delete-user", b"", 400, b"XAdminInvalidArgument"),
        ("/no-such", b"", 405, b"MethodNotAllowed"),
    ],
)
def test_refusals(url: str, path: str, body: bytes, status: int, code: bytes) -> None:
    """Each with its code."""
    patch(url, "/create-user", ALICE)
    reply = patch(url, path, body)
    assert (reply.status, code in reply.body) == (status, True)


def test_buckets_are_listed_with_their_owners(url: str) -> None:
    """All of them."""
    patch(url, "/create-user", ALICE.replace(b"user<", b"userplus<"))
    Raw(Endpoint(url, "alice", "s", "us-east-1"))("PUT", "/alices")
    Raw(Endpoint(url, "root", "root", "us-east-1"))("PUT", "/roots")
    body = patch(url, "/list-buckets").body
    assert b"<Buckets><Name>alices</Name><Owner>alice</Owner></Buckets><Buckets><Name>roots</Name>" in body


def test_only_admins_are_let_in(url: str) -> None:
    """Neither other accounts nor those who didn't sign."""
    patch(url, "/create-user", ALICE)
    reply = patch(url, "/list-users", who="alice", secret="s")
    assert (reply.status, b"XAdminAccessDenied" in reply.body) == (403, True)
    assert Raw(Endpoint(url, "", "", "us-east-1")).unsigned("PATCH", "/list-users").status == 403
