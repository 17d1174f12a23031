"""The administrator's API over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import colonnade.testing
from colonnade.backends import load
from colonnade.iam.accounts import Account, Role
from colonnade.iam.internal import DirectoryAccounts
from colonnade.layers.readonly import ReadOnly
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
        ("/delete-user", b"", 404, b"XAdminInvalidArgument"),
        ("/change-bucket-owner?bucket=roots&owner=bob", b"", 404, b"XAdminUserNotFound"),
        ("/change-bucket-owner?bucket=none&owner=alice", b"", 404, b"NoSuchBucket"),
        ("/new/create", b"", 400, b"XAdminInvalidRequest"),
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


def test_a_bucket_is_made_for_somebody(url: str) -> None:
    """It is theirs though they may not make any, and the usual headers count."""
    patch(url, "/create-user", ALICE)
    root = Raw(Endpoint(url, "root", "root", "us-east-1"))
    reply = root("PATCH", "/alices/create", x_vgw_owner="alice", x_amz_object_ownership="ObjectWriter")
    assert (reply.status, reply.body) == (201, b"")
    alice = Raw(Endpoint(url, "alice", "s", "us-east-1"))
    assert alice("PUT", "/alices/key", b"hers").status == 200
    assert b"ObjectWriter" in alice("GET", "/alices?ownershipControls").body


def test_a_bucket_is_not_made_for_nobody(url: str) -> None:
    """Its owner has to be there; root is."""
    root = Raw(Endpoint(url, "root", "root", "us-east-1"))
    reply = root("PATCH", "/new/create", x_vgw_owner="nobody")
    assert (reply.status, b"XAdminUserNotFound" in reply.body) == (404, True)
    assert root("PATCH", "/new/create", x_vgw_owner="root").status == 201


@pytest.fixture(params=["memory", "posix"])
def given(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A server over each kind of backend, and a bucket of root's with a policy and a public grant."""
    (tmp_path / "iam").mkdir()
    (tmp_path / "data").mkdir()
    accounts = DirectoryAccounts(str(tmp_path / "iam"), Account("root", "root", Role.ADMIN, root=True))
    backend = load(request.param, {"path": str(tmp_path / "data")} if request.param == "posix" else {})
    with colonnade.testing.server(backend, accounts=accounts) as running:
        patch(running.url, "/create-user", ALICE)
        raw = Raw(Endpoint(running.url, "root", "root", "us-east-1"))
        raw("PUT", "/given", x_amz_object_ownership="ObjectWriter", x_amz_acl="public-read")
        everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::given"}
        raw("PUT", "/given?policy", json.dumps({"Version": "2012-10-17", "Statement": [everybody]}).encode())
        yield running.url


def test_a_bucket_is_given_away(given: str) -> None:
    """To another account, without the policy and the grants of the former owner."""
    anybody = Raw(Endpoint(given, "", "", "us-east-1"))
    assert anybody.unsigned("GET", "/given").status == 200
    assert patch(given, "/change-bucket-owner?bucket=given&owner=alice").status == 200
    alice = Raw(Endpoint(given, "alice", "s", "us-east-1"))
    assert anybody.unsigned("GET", "/given").status == 403
    assert alice("GET", "/given?policy").status == 404
    assert alice("GET", "/given?acl").find("ID") == "alice"
    assert b"<Name>given</Name>" in alice("GET", "/").body


def test_a_gateway_that_is_only_read_makes_no_buckets(tmp_path: Path) -> None:
    """Nor gives any away; accounts are not in it, and are changed."""
    accounts = DirectoryAccounts(str(tmp_path), Account("root", "root", Role.ADMIN, root=True))
    with colonnade.testing.server(ReadOnly(load("memory", {})), accounts=accounts) as running:
        root = Raw(Endpoint(running.url, "root", "root", "us-east-1"))
        assert patch(running.url, "/create-user", ALICE).status == 201
        assert root("PATCH", "/new/create", x_vgw_owner="alice").find("Code") == "AccessDenied"
        assert patch(running.url, "/change-bucket-owner?bucket=b&owner=alice").find("Code") == "AccessDenied"


def test_only_admins_are_let_in(url: str) -> None:
    """Neither other accounts nor those who didn't sign."""
    patch(url, "/create-user", ALICE)
    reply = patch(url, "/list-users", who="alice", secret="s")
    assert (reply.status, b"XAdminAccessDenied" in reply.body) == (403, True)
    assert Raw(Endpoint(url, "", "", "us-east-1")).unsigned("PATCH", "/list-users").status == 403


def test_a_presigned_url_administers_nothing(url: str) -> None:
    """It could be passed on, or be in somebody's history."""
    request = AWSRequest("PATCH", f"{url}/list-users")
    S3SigV4QueryAuth(Credentials("root", "root"), "s3", "us-east-1").add_auth(request)
    path = str(request.prepare().url).removeprefix(url)
    reply = Raw(Endpoint(url, "", "", "us-east-1")).unsigned("PATCH", path)
    assert (reply.status, reply.find("Code")) == (403, "XAdminAccessDenied")
