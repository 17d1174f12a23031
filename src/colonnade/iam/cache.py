"""Accounts remembered in front of a store that is dear to ask, and served on while it can't be asked at all.

A change made through one worker of a gateway is seen by all of them at once: they share a mark in memory that says
when one was made, and of whom, who is then served no more until the store is asked. A change made elsewhere is seen
when what is remembered has grown old.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Accounts, ChangeableAccounts
from colonnade.mark import Mark

log = logging.getLogger("colonnade.iam")

#: Seconds that a store has to answer.
PATIENCE = 5.0

#: Seconds until a store that didn't answer is asked again for somebody who is known.
AGAIN = 5.0

#: Seconds that nobody is remembered as nobody, and how many are: whoever makes up access keys must not fill memory.
NOBODY, MOST_NOBODIES = 1.0, 10_000


@dataclass(slots=True)
class _Known:
    account: Account
    until: float
    asked_for: float
    #: The account's mark when the store was asked.
    seen: bytes


class CachedAccounts(ChangeableAccounts):
    """Remembers the accounts of `store` for `ttl` seconds, and forgets those nobody asked for in `prune` seconds."""

    def __init__(self, store: Accounts, *, ttl: float = 120.0, prune: float = 3600.0, mark: Mark | None = None) -> None:
        self.store = store
        self.root = store.root
        self.ttl = ttl
        self.prune = prune
        self._mark = mark or Mark()
        self._seen = self._mark.value()
        self._known: dict[str, _Known] = {}
        self._nobodies: dict[str, float] = {}
        self._asking: dict[str, asyncio.Task[Account | None]] = {}
        self._pruned = time.monotonic()

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()

    async def get(self, access: str) -> Account | None:
        """The account, None where there is none. Raises ServiceUnavailable for one that isn't known when that is so."""
        now = time.monotonic()
        self._look(now)
        known = self._known.get(access)
        if known is not None:
            known.asked_for = now
            if now < known.until:
                return known.account
        elif self._nobodies.get(access, 0) > now:
            return None
        try:
            return await self._ask(access)
        except S3Error:
            self._look(time.monotonic())
            known = self._known.get(access)
            if known is None:
                raise
            known.until = time.monotonic() + min(self.ttl, AGAIN)
            return known.account

    async def list(self) -> list[Account]:
        """See the store."""
        return await self._changeable().list()

    async def create(self, account: Account) -> None:
        """See the store."""
        await self._changed(account.access, self._changeable().create(account))

    async def update(self, access: str, changes: Mapping[str, Any]) -> None:
        """See the store."""
        await self._changed(access, self._changeable().update(access, changes))

    async def delete(self, access: str) -> None:
        """See the store."""
        await self._changed(access, self._changeable().delete(access))

    def _changeable(self) -> ChangeableAccounts:
        if not isinstance(self.store, ChangeableAccounts):
            raise S3Error("XAdminMethodNotSupported")
        return self.store

    async def _changed(self, access: str, change: Awaitable[None]) -> None:
        try:
            await change
        finally:
            # Also what failed: who knows how far it came.
            self._mark.change(access)

    def _look(self, now: float) -> None:
        """Believe nothing for its age that was known before another worker's change; forget what nobody asks for."""
        mark = self._mark.value()
        if mark != self._seen:
            self._seen = mark
            self._nobodies.clear()
            self._asking.clear()
            self.store.forget()
            self._known = {name: each for name, each in self._known.items() if each.seen == self._mark.value(name)}
            for known in self._known.values():
                known.until = now
        if now - self._pruned > self.prune:
            self._pruned = now
            self._known = {access: known for access, known in self._known.items() if now - known.asked_for < self.prune}

    async def _ask(self, access: str) -> Account | None:
        """What the store says, asked once for all who want to know it at the same time."""
        task = self._asking.get(access)
        if task is None:
            seen = self._seen, self._mark.value(access)
            task = self._asking[access] = asyncio.create_task(self._answer(access, *seen))
            task.add_done_callback(lambda done: self._asked(access, done))
        return await asyncio.shield(task)

    def _asked(self, access: str, task: asyncio.Task[Account | None]) -> None:
        if self._asking.get(access) is task:
            del self._asking[access]
        if not task.cancelled():
            task.exception()  # everybody who waited may have gone

    async def _answer(self, access: str, seen: bytes, own: bytes) -> Account | None:
        try:
            async with asyncio.timeout(PATIENCE):
                account = await self.store.get(access)
        except TimeoutError as error:
            log.error("the account store does not answer")
            raise S3Error("ServiceUnavailable") from error
        now = time.monotonic()
        if account is None:
            self._known.pop(access, None)
        if seen != self._mark.value():  # somebody changed accounts while the store was asked
            return account
        if account is not None:
            self._known[access] = _Known(account, now + self.ttl, now, own)
            return account
        if len(self._nobodies) >= MOST_NOBODIES:
            del self._nobodies[next(iter(self._nobodies))]
        self._nobodies[access] = now + min(self.ttl, NOBODY)
        return None
