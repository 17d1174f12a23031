"""Retention and legal hold of objects in memory. They don't move Last-Modified."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Store
from colonnade.backends.memory.stored import Stored
from colonnade.rules import lock
from colonnade.rules.lock import Lock


class Locking(Store):
    """Get and Put of ObjectRetention and ObjectLegalHold."""

    async def get_object_retention(self, **arguments: Any) -> Answer:
        """Mode and date. Raises NoSuchObjectLockConfiguration."""
        return lock.retention_answer(self._lockable(arguments).lock)

    async def get_object_legal_hold(self, **arguments: Any) -> Answer:
        """ON or OFF. Raises NoSuchObjectLockConfiguration."""
        return lock.hold_answer(self._lockable(arguments).lock)

    async def put_object_retention(self, **arguments: Any) -> Answer:
        """Set, lengthen, or in governance mode and with BypassGovernanceRetention shorten or remove it."""
        bypass = bool(arguments.get("BypassGovernanceRetention"))
        value = arguments.get("Retention") or {}
        return self._relock(arguments, lambda old: lock.retained(old, value, lock.moment(), bypass=bypass))

    async def put_object_legal_hold(self, **arguments: Any) -> Answer:
        """Put an object on hold, or take the hold away."""
        return self._relock(arguments, lambda old: lock.held(old, arguments.get("LegalHold") or {}))

    def _lockable(self, arguments: Mapping[str, Any]) -> Stored:
        stored = self.stored(arguments)
        lock.check_bucket(self.bucket(arguments["Bucket"]).lock)
        return stored

    def _relock(self, arguments: Mapping[str, Any], decide: Callable[[Lock], Lock]) -> Answer:
        bucket, stored = self.bucket(arguments["Bucket"]), self._lockable(arguments)
        decided = decide(stored.lock)
        bucket.change(arguments["Key"], stored.version, lambda old: replace(old, lock=decided))
        return {}
