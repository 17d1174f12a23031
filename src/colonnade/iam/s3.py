"""Accounts in an object of an S3 service: the same JSON document, under the key ``users.json`` of a bucket.

A change is a read and a write on the condition that nobody wrote between, tried again until it holds, so that none is
lost among gateways; a service that ignores If-Match can't promise that.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Iterator

from colonnade.backend import Backend
from colonnade.errors import S3Error
from colonnade.iam import users
from colonnade.iam.accounts import Account
from colonnade.iam.users import Change, DocumentAccounts, Users

log = logging.getLogger("colonnade.iam")

KEY = "users.json"

#: How often a change is tried while others are quicker.
ATTEMPTS = 200

#: What a service says when a condition didn't hold.
_OVERTAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "OperationAborted")


class S3Accounts(DocumentAccounts):
    """The accounts of an object in `bucket` of a `service` that isn't started yet, and root, who is never in it.

    What was read less than `fresh` seconds ago is believed, so that a flood of made-up access keys is no flood of
    requests to the service.
    """

    def __init__(self, service: Backend, bucket: str, root: Account, *, fresh: float = 1.0) -> None:
        self.service = service
        self.bucket = bucket
        self.root = root
        self.fresh = fresh
        self._started = False
        self._turn = asyncio.Lock()
        self._known = Users()
        self._etag: str | None = None
        self._read_at = self._failed_at = self._forgotten_at = float("-inf")

    def forget(self) -> None:
        """See Accounts."""
        self._forgotten_at = time.monotonic()

    async def close(self) -> None:
        """Close the connections."""
        if self._started:
            await self.service.close()

    async def get(self, access: str) -> Account | None:
        """The account, None where there is none. Raises ServiceUnavailable."""
        if access == self.root.access:
            return self.root
        return (await self._users()).accounts.get(access)

    async def list(self) -> list[Account]:
        """All but root, by access key."""
        return (await self._users(fresh=0)).listed()

    async def _users(self, fresh: float | None = None) -> Users:
        """The document, read by one at a time; those who waited take what was read meanwhile."""
        asked_at = time.monotonic()
        oldest = max(self._forgotten_at, asked_at - (self.fresh if fresh is None else fresh))
        if self._read_at > oldest:
            return self._known
        async with self._turn:
            if self._failed_at > asked_at:  # who waited need not wait for the same again
                raise S3Error("ServiceUnavailable")
            if self._read_at < asked_at:
                await self._read()
            return self._known

    async def _read(self) -> None:
        began = time.monotonic()
        with self._unavailable():
            if not self._started:
                await self.service.start()
                self._started = True
            asked = {"Bucket": self.bucket, "Key": KEY}
            try:
                got = await self.service.call("GetObject", asked | ({"IfNoneMatch": self._etag} if self._etag else {}))
            except S3Error as error:
                if error.code == "NoSuchKey":
                    self._known, self._etag = Users(), None
                elif error.status != 304:
                    raise
            else:
                raw = await got["Body"].read()
                self._known, self._etag = users.read(raw, f"{self.bucket}/{KEY}"), got["ETag"]
        self._read_at = began

    async def _change(self, _: str, change: Change) -> None:
        for attempt in range(ATTEMPTS):
            if attempt:
                # S311: spreads those who are in each other's way, guards nothing.
                await asyncio.sleep(random.uniform(0, min(0.5, 0.01 * 2**attempt)))  # noqa: S311
            async with self._turn:
                await self._read()
                made = Users(change(self._known.rows)).encode()
                if await self._written(made):
                    return
        raise S3Error("ServiceUnavailable")

    async def _written(self, made: bytes) -> bool:
        """Whether the document could be put in place of the one that was read. What is known then is read again."""
        condition = {"IfMatch": self._etag} if self._etag else {"IfNoneMatch": "*"}
        asked = {"Bucket": self.bucket, "Key": KEY, "Body": made, "ContentType": "application/json", **condition}
        self._read_at = float("-inf")
        try:
            with self._unavailable(*_OVERTAKEN):
                await self.service.call("PutObject", asked)
        except S3Error as error:
            if error.code not in _OVERTAKEN:
                raise
            return False
        return True

    @contextlib.contextmanager
    def _unavailable(self, *passing: str) -> Iterator[None]:
        """Whatever the service says but `passing` codes is that it can't be asked: no client did anything wrong."""
        try:
            yield
        except (S3Error, OSError, ValueError) as error:
            if isinstance(error, S3Error) and error.code in passing:
                raise
            self._failed_at = time.monotonic()
            log.error("the accounts in %s can't be asked for: %s", self.bucket, error)
            raise S3Error("ServiceUnavailable") from error
