"""Accounts in an object of an S3 service, which is one of ours."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

import colonnade.testing
from colonnade.backends.s3 import from_options
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Role
from colonnade.iam.s3 import S3Accounts
from colonnade.testing import RunningServer
from tests.cli.command import colonnade as command
from tests.cli.command import serving

ROOT = Account("root", "secret", Role.ADMIN, root=True)


@pytest.fixture
def service() -> Iterator[RunningServer]:
    """A service with a bucket for accounts."""
    with colonnade.testing.server() as running:
        boto3.client("s3", **running.boto3).create_bucket(Bucket="accounts")
        yield running


@asynccontextmanager
async def accounts(service: RunningServer, **more: Any) -> AsyncIterator[S3Accounts]:
    """A store of them."""
    options = {"endpoint": service.url, "access": service.access, "secret": service.secret, "connect_timeout": 30.0}
    store = S3Accounts(from_options(options), "accounts", ROOT, **more)
    try:
        yield store
    finally:
        await store.close()


async def test_accounts_are_made_changed_listed_and_removed(service: RunningServer) -> None:
    """In the document that the compatible gateway has."""
    async with accounts(service) as store:
        assert await store.get("alice") is None
        await store.create(Account("bob", "b"))
        await store.create(Account("alice", "s", Role.USER, 7))
        await store.update("alice", {"role": Role.USERPLUS})
        await store.delete("bob")
        await store.delete("bob")
        assert await store.get("alice") == Account("alice", "s", Role.USERPLUS, 7)
        assert [account.access for account in await store.list()] == ["alice"]
        assert await store.get("root") is ROOT
        for call in (store.create(Account("alice", "x")), store.create(Account("root", "x"))):
            with pytest.raises(S3Error, match=r"^XAdminUserExists"):
                await call
        with pytest.raises(S3Error, match=r"^XAdminUserNotFound"):
            await store.update("carol", {"secret": "x"})
    raw = boto3.client("s3", **service.boto3).get_object(Bucket="accounts", Key="users.json")["Body"].read()
    row = {"access": "alice", "secret": "s", "role": "userplus", "userID": 7, "groupID": 0, "projectID": 0}
    assert json.loads(raw) == {"accessAccounts": {"alice": row}}


async def test_changes_by_several_at_once_lose_nothing(service: RunningServer) -> None:
    """Each of three tries again when another was quicker."""
    async with accounts(service) as one, accounts(service) as two, accounts(service) as three:

        async def many(store: S3Accounts, name: str) -> None:
            for number in range(20):
                await store.create(Account(f"{name}{number}", "s"))

        await asyncio.gather(many(one, "x"), many(two, "y"), many(three, "z"))
        assert len(await one.list()) == 60


async def test_a_change_elsewhere_is_seen(service: RunningServer) -> None:
    """Once what was read is no longer fresh."""
    async with accounts(service, fresh=0.0) as one, accounts(service) as other:
        assert await one.get("alice") is None
        await other.create(Account("alice", "s"))
        assert await one.get("alice") == Account("alice", "s")


async def test_a_bucket_that_is_not_there_is_no_empty_store(service: RunningServer) -> None:
    """Nobody is told that an account doesn't exist."""
    boto3.client("s3", **service.boto3).delete_bucket(Bucket="accounts")
    async with accounts(service) as store:
        for call in (store.get("alice"), store.list(), store.create(Account("a", "b"))):
            with pytest.raises(S3Error, match=r"^ServiceUnavailable"):
                await call
        assert await store.get("root") is ROOT


def test_the_command_keeps_accounts_in_a_service(tmp_path: Any) -> None:
    """Two workers see at once what one of them changed; with the service down who is known goes on working."""
    with ExitStack() as stack:
        service = stack.enter_context(colonnade.testing.server())
        boto3.client("s3", **service.boto3).create_bucket(Bucket="accounts")
        where = ["--s3-iam-endpoint", service.url, "--s3-iam-bucket", "accounts", "--iam-cache-ttl", "0.3"]
        keys = ["--s3-iam-access", service.access, "--s3-iam-secret", service.secret]
        with serving(*where, *keys, "--workers", "2", "posix", tmp_path) as server:
            admin = ["admin", "--access", server.env["AWS_ACCESS_KEY_ID"], "--endpoint-url", server.url]
            admin += ["--secret", server.env["AWS_SECRET_ACCESS_KEY"]]
            for access in ("alice", "bob"):
                made = command(*admin, "create-user", "--access", access, "--secret", "secret1", "--role", "userplus")
                assert made.returncode == 0, made.stderr
                server.env.update(AWS_ACCESS_KEY_ID=access, AWS_SECRET_ACCESS_KEY="secret1")
                for _ in range(16):  # each over a connection of its own, to either worker
                    server.client().list_buckets()
            stack.close()
            time.sleep(1.2)  # until nothing is fresh
            for _ in range(16):
                server.client().list_buckets()
            server.env.update(AWS_ACCESS_KEY_ID="carol")
            with pytest.raises(ClientError, match="ServiceUnavailable"):
                server.client().list_buckets()


def test_what_is_missing_is_said() -> None:
    """All of the store's settings are needed."""
    ran = command("--s3-iam-endpoint", "http://127.0.0.1:1", "posix", "/tmp")
    assert ran.returncode != 0
    assert "s3-iam-access and s3-iam-secret and s3-iam-bucket" in ran.stderr
