"""What an account store is asked and says, on stderr, for whoever sets one up. Secrets are not said."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from colonnade.iam.accounts import Account, ChangeableAccounts

log = logging.getLogger("colonnade.iam.told")


class ToldAccounts(ChangeableAccounts):
    """The accounts of `store`, with a line for everything it is asked."""

    def __init__(self, store: ChangeableAccounts) -> None:
        self.store = store
        self.root = store.root

    def forget(self) -> None:
        """See the store."""
        self.store.forget()

    async def close(self) -> None:
        """Close the store."""
        await self.store.close()

    async def get(self, access: str) -> Account | None:
        """See the store."""
        with _told("look up", access) as said:
            account = await self.store.get(access)
            said.append(f"role {account.role}" if account is not None else "nobody")
        return account

    async def list(self) -> list[Account]:
        """See the store."""
        with _told("list") as said:
            found = await self.store.list()
            said.append(f"{len(found)} accounts")
        return found

    async def create(self, account: Account) -> None:
        """See the store."""
        with _told("create", account.access):
            await self.store.create(account)

    async def update(self, access: str, changes: Mapping[str, Any]) -> None:
        """See the store."""
        with _told("update", access, ",".join(changes)):
            await self.store.update(access, changes)

    async def delete(self, access: str) -> None:
        """See the store."""
        with _told("delete", access):
            await self.store.delete(access)


@contextmanager
def _told(*asked: str) -> Iterator[list[str]]:
    """A line about what goes on inside, with what it says of the outcome; names are escaped: none forges one."""
    began, said = time.perf_counter(), list[str]()
    try:
        yield said
    except BaseException as error:
        said = [type(error).__name__, str(error)]
        raise
    finally:
        shown = ascii(" ".join(asked))[1:-1], ascii(" ".join(said) or "done")[1:-1]
        log.debug("accounts: %s: %s, %.1f ms", *shown, (time.perf_counter() - began) * 1000)
