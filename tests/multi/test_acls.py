"""Whose an object is and who may use it stays so when another layer is given it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from colonnade import context
from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.iam.accounts import Account
from colonnade.multi import Member, Overlay, Role
from colonnade.rules import acl
from tests.multi.test_replicas import drained, started, until

OBJECT = {"Bucket": "bucket", "Key": "k"}
PUBLIC = {"Grantee": {"URI": acl.ALL_USERS, "Type": "Group"}, "Permission": "READ"}
CAROL = {"Grantee": {"ID": "carol", "DisplayName": "carol", "Type": "CanonicalUser"}, "Permission": "WRITE_ACP"}


@contextmanager
def asking(access: str) -> Iterator[None]:
    """As somebody."""
    token = context.set_caller(Account(access, "secret"))
    try:
        yield
    finally:
        context.reset_caller(token)


async def bucket_of(access: str, store: Backend, ownership: str = "ObjectWriter") -> None:
    """Make the bucket as somebody's."""
    with asking(access):
        await store.call("CreateBucket", {"Bucket": "bucket", "ObjectOwnership": ownership})


async def given(store: Backend) -> tuple[str, list[tuple[str, str]]]:
    """The owner of the object, and what is granted to others."""
    said = await store.call("GetObjectAcl", OBJECT)
    owner = said["Owner"]["ID"]
    rows = [(row["Grantee"].get("ID") or row["Grantee"]["URI"], row["Permission"]) for row in said["Grants"]]
    return owner, sorted(row for row in rows if row != (owner, "FULL_CONTROL"))


@pytest.fixture
def stores() -> list[Backend]:
    """Two in memory."""
    return [load("memory", {}) for _ in range(2)]


def over(stores: list[Backend]) -> Overlay:
    """The second below the first."""
    return Overlay([Member("top", stores[0], Role.PRIMARY), Member("low", stores[1])])


GRANTED: dict[str, Any] = {"GrantRead": f'uri="{acl.ALL_USERS}"', "GrantWriteACP": 'id="carol"'}
EXPECTED = [("carol", "WRITE_ACP"), (acl.ALL_USERS, "READ")]


async def test_copied_up(stores: list[Backend]) -> None:
    """What carol may do, she may do after somebody else's tag raised the object; it stays bob's."""
    for store in stores:
        await bucket_of("alice", store)
    with asking("bob"):
        await stores[1].call("PutObject", {**OBJECT, "Body": b"data", **GRANTED})
    overlay = over(stores)
    before = await given(overlay)
    with asking("alice"):
        await overlay.call("PutObjectTagging", {**OBJECT, "Tagging": {"TagSet": []}})
    assert before == await given(stores[0]) == ("bob", EXPECTED)


async def test_changed_where_it_is_only_below(stores: list[Backend]) -> None:
    """PutObjectAcl copies up first; the layer below is not written."""
    for store in stores:
        await bucket_of("alice", store)
    with asking("bob"):
        await stores[1].call("PutObject", {**OBJECT, "Body": b"data"})
    with asking("alice"):
        await over(stores).call("PutObjectAcl", {**OBJECT, "ACL": "public-read"})
    assert await given(stores[0]) == ("bob", [(acl.ALL_USERS, "READ")])
    assert await given(stores[1]) == ("bob", [])


@pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerEnforced"])
async def test_nobody_in_particular(stores: list[Backend], ownership: str) -> None:
    """What says nothing of its own below belongs to the owner of the primary's bucket, copied up or not."""
    await bucket_of("alice", stores[0], ownership)
    await bucket_of("old", stores[1], ownership)
    with asking("old"):
        await stores[1].call("PutObject", {**OBJECT, "Body": b"data"})
    overlay = over(stores)
    before = await given(overlay)
    with asking("bob"):
        await overlay.call("PutObjectTagging", {**OBJECT, "Tagging": {"TagSet": []}})
    assert before == await given(stores[0]) == ("alice", [])


@pytest.mark.parametrize("write", ["all", "async"])
async def test_replicas(tmp_path: Path, write: str) -> None:
    """Owner and grants reach every replica, with the object and after it."""
    async with started(tmp_path, write=write) as several:
        await several.call("DeleteBucket")
        await until(lambda: drained(several))
        with asking("alice"):
            await several.overlay.call("CreateBucket", {"Bucket": "bucket", "ObjectOwnership": "ObjectWriter"})
        await until(lambda: drained(several))
        with asking("bob"):
            await several.call("PutObject", Body=b"data", **GRANTED)
        await until(lambda: drained(several))
        assert [await given(store) for store in several.stores.values()] == [("bob", EXPECTED)] * 3
        await several.call("PutObjectAcl", AccessControlPolicy={"Owner": {"ID": "bob"}, "Grants": [CAROL]})
        await until(lambda: drained(several))
        assert [await given(store) for store in several.stores.values()] == [("bob", [("carol", "WRITE_ACP")])] * 3
        with asking("dora"):
            await several.call("PutObject", Body=b"data")
        await until(lambda: drained(several))
        assert [await given(store) for store in several.stores.values()] == [("dora", [])] * 3
