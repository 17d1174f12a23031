"""Accounts remembered in front of a store that is dear to ask."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from colonnade.errors import S3Error
from colonnade.iam import cache
from colonnade.iam.accounts import Account, ChangeableAccounts, Role
from colonnade.iam.cache import CachedAccounts
from colonnade.mark import Mark
from tests.clock import Clock


class Store(ChangeableAccounts):
    """Counts who is asked for; down, slow or quick."""

    root = Account("root", "root", Role.ADMIN, root=True)

    def __init__(self) -> None:
        self.rows = {"alice": Account("alice", "s")}
        self.asked: Counter[str] = Counter()
        self.fault = ""

    async def get(self, access: str) -> Account | None:
        """The account as it is at the end of the wait."""
        self.asked[access] += 1
        await asyncio.sleep(3600 if self.fault == "hang" else 0.001)
        if self.fault:
            raise S3Error("ServiceUnavailable")
        return self.rows.get(access)

    async def list(self) -> list[Account]:
        """All."""
        return [*self.rows.values()]

    async def create(self, account: Account) -> None:
        """Add."""
        self.rows[account.access] = account

    async def update(self, access: str, changes: Mapping[str, Any]) -> None:
        """Another secret."""
        self.rows[access] = Account(access, changes["secret"])

    async def delete(self, access: str) -> None:
        """Remove."""
        self.rows.pop(access, None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """One in the place of the machine's."""
    made = Clock()
    monkeypatch.setattr(cache, "time", made)
    return made


async def test_it_is_asked_once_in_a_while(clock: Clock) -> None:
    """By many at the same time, and until what it said is old."""
    store = Store()
    cached = CachedAccounts(store, ttl=5)
    assert {account and account.access for account in await asyncio.gather(*[cached.get("alice")] * 1)} == {"alice"}
    await asyncio.gather(*(cached.get("alice") for _ in range(50)))
    assert store.asked["alice"] == 1
    clock.passed += 6
    await asyncio.gather(*(cached.get("alice") for _ in range(50)))
    assert store.asked["alice"] == 2


async def test_a_change_elsewhere_is_seen_in_time(clock: Clock) -> None:
    """A new secret, and that an account is gone."""
    store = Store()
    cached = CachedAccounts(store, ttl=5)
    await cached.get("alice")
    store.rows["alice"] = Account("alice", "new")
    assert await cached.get("alice") == Account("alice", "s")
    clock.passed += 6
    assert await cached.get("alice") == Account("alice", "new")
    del store.rows["alice"]
    clock.passed += 6
    assert await cached.get("alice") is None


async def test_a_change_through_one_worker_is_seen_by_all_at_once() -> None:
    """Made, changed and removed."""
    store, mark = Store(), Mark()
    one, other = (CachedAccounts(store, mark=mark) for _ in range(2))
    for number in range(20):
        assert await other.get("bob") is None
        await one.create(Account("bob", "b"))
        assert await other.get("bob") == Account("bob", "b")
        await one.update("bob", {"secret": str(number)})
        assert await other.get("bob") == Account("bob", str(number))
        await one.delete("bob")
        one, other = other, one


async def test_what_was_asked_before_a_change_is_not_remembered_after_it() -> None:
    """An answer that was on its way."""
    store = Store()
    cached = CachedAccounts(store)
    asking = asyncio.create_task(cached.get("alice"))
    await asyncio.sleep(0)
    await cached.update("alice", {"secret": "new"})
    await asking
    assert await cached.get("alice") == Account("alice", "new")


@pytest.mark.parametrize("fault", ["down", "hang"])
async def test_who_is_known_goes_on_working(clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """For as long as it takes, and without waiting each time; others are told to come again."""
    store = Store()
    cached = CachedAccounts(store, ttl=2)
    await cached.get("alice")
    store.fault = fault
    monkeypatch.setattr(cache, "PATIENCE", 0.05)
    clock.passed += 3
    for _ in range(5):
        assert await cached.get("alice") == Account("alice", "s")
        with pytest.raises(S3Error, match=r"^ServiceUnavailable"):
            await asyncio.wait_for(cached.get("bob"), 30)
    assert store.asked["alice"] == 2
    store.fault = ""
    monkeypatch.setattr(cache, "PATIENCE", 30)
    store.rows["alice"] = Account("alice", "new")
    clock.passed += 3
    assert await cached.get("alice") == Account("alice", "new")


@pytest.mark.parametrize("change", ["delete", "update"])
async def test_who_was_changed_is_not_served_on(change: str) -> None:
    """By no worker, though the store is down from then on: a secret that was taken back opens nothing; others work."""
    store, mark = Store(), Mark()
    store.rows["bob"] = Account("bob", "b")
    workers = [CachedAccounts(store, mark=mark) for _ in range(2)]
    for worker in workers:
        await asyncio.gather(worker.get("alice"), worker.get("bob"))
    await (workers[0].delete("alice") if change == "delete" else workers[0].update("alice", {"secret": "new"}))
    store.fault = "down"
    for worker in workers:
        assert await worker.get("bob") == Account("bob", "b")
        with pytest.raises(S3Error, match=r"^ServiceUnavailable"):
            await worker.get("alice")


async def test_a_change_while_a_store_that_is_down_is_asked() -> None:
    """Counts too."""
    store, mark = Store(), Mark()
    one, other = (CachedAccounts(store, mark=mark, ttl=0) for _ in range(2))
    await other.get("alice")
    store.fault = "down"
    asking = asyncio.create_task(other.get("alice"))
    await asyncio.sleep(0)
    await one.delete("alice")
    with pytest.raises(S3Error, match=r"^ServiceUnavailable"):
        await asking


class Behind(Store):
    """Says what was so when it was asked."""

    async def get(self, access: str) -> Account | None:
        """The account as it is before the wait."""
        found = self.rows.get(access)
        await super().get(access)
        return found


async def test_who_was_nobody_before_a_change_is_not_remembered_as_nobody() -> None:
    """An answer that was on its way when the account was made, and the change noticed meanwhile."""
    store = Behind()
    cached = CachedAccounts(store)
    asking = asyncio.create_task(cached.get("bob"))
    while not store.asked:
        await asyncio.sleep(0)
    await cached.create(Account("bob", "b"))
    assert (await asyncio.gather(cached.get("alice"), asking))[1] is None
    assert await cached.get("bob") == Account("bob", "b")


async def test_made_up_access_keys_cost_little(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same one is asked for once a second, and only so many are remembered."""
    monkeypatch.setattr(cache, "MOST_NOBODIES", 10)
    store = Store()
    cached = CachedAccounts(store)
    for _ in range(100):
        await cached.get("nobody")
    assert store.asked["nobody"] == 1
    for number in range(100):
        await cached.get(f"nobody{number}")
    assert len(cached._nobodies) == 10


async def test_who_nobody_asks_for_is_forgotten(clock: Clock) -> None:
    """After a while."""
    store = Store()
    cached = CachedAccounts(store, prune=2)
    await cached.get("alice")
    clock.passed += 3
    await cached.get("bob")
    assert not cached._known
