"""Retention and legal hold: of new objects, and changed on those that are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import lockattributes
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.change import change
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import Found, found
from colonnade.backends.posix.tree import Tree
from colonnade.rules import lock
from colonnade.rules.lock import Lock


def of_bucket(tree: Tree, bucket: str) -> Any:
    """A bucket's Object Lock configuration, None where it has none."""
    return lockattributes.configuration(tree.store.get(tree.root.at(bucket), lockattributes.BUCKET))


def of_write(tree: Tree, arguments: Mapping[str, Any], *, uploaded: bool = False) -> dict[str, bytes]:
    """The lock attributes of a new object: those its arguments ask for, else the bucket's default.

    `uploaded` says that its body comes with the request, and so its digest must. Raises S3Error.
    """
    configuration = of_bucket(tree, arguments["Bucket"])
    if lock.asked(arguments):
        tree.bucket(arguments["Bucket"])
    elif configuration is None:
        return {}
    kept = lock.of_write(arguments, configuration, lock.moment())
    if uploaded:
        lock.check_digest(kept, arguments)
    return lockattributes.attributes(kept)


def of_upload(tree: Tree, arguments: Mapping[str, Any]) -> dict[str, bytes]:
    """The lock attributes that an upload in parts is begun with: the default counts from its end."""
    if not lock.asked(arguments):
        return {}
    tree.bucket(arguments["Bucket"])
    has = of_bucket(tree, arguments["Bucket"])
    return lockattributes.attributes(lock.of_write(arguments, lock.without_default(has), lock.moment()))


def of_completed(tree: Tree, bucket: str, begun: Mapping[str, bytes]) -> dict[str, bytes]:
    """The lock attributes of an object that was uploaded in parts."""
    kept = lock.with_default(lockattributes.of(begun), of_bucket(tree, bucket), lock.moment())
    return lockattributes.attributes(kept)


class Locking(Served):
    """Get and Put of ObjectRetention and ObjectLegalHold."""

    async def get_object_retention(self, **arguments: Any) -> Answer:
        """Mode and date. Raises NoSuchObjectLockConfiguration."""
        return lock.retention_answer(self._lock(arguments))

    async def get_object_legal_hold(self, **arguments: Any) -> Answer:
        """ON or OFF. Raises NoSuchObjectLockConfiguration."""
        return lock.hold_answer(self._lock(arguments))

    async def put_object_retention(self, **arguments: Any) -> Answer:
        """Set, lengthen, or in governance mode and with BypassGovernanceRetention shorten or remove it."""
        bypass = bool(arguments.get("BypassGovernanceRetention"))
        value = arguments.get("Retention") or {}
        return await self._change(arguments, lambda old: lock.retained(old, value, lock.moment(), bypass=bypass))

    async def put_object_legal_hold(self, **arguments: Any) -> Answer:
        """Put an object on hold, or take the hold away."""
        value = arguments.get("LegalHold") or {}
        return await self._change(arguments, lambda old: lock.held(old, value))

    def _lock(self, arguments: Mapping[str, Any]) -> Lock:
        with os_errors(Key=arguments["Key"]), found(self.tree, arguments) as thing:
            lock.check_bucket(of_bucket(self.tree, arguments["Bucket"]))
            return lockattributes.of(thing.attributes)

    async def _change(self, arguments: Mapping[str, Any], decide: Callable[[Lock], Lock]) -> Answer:
        def attributes(thing: Found) -> dict[str, bytes | None]:
            lock.check_bucket(of_bucket(self.tree, arguments["Bucket"]))
            values = lockattributes.attributes(decide(lockattributes.of(thing.attributes)))
            return {lockattributes.RETENTION: None, lockattributes.HOLD: None} | values

        await change(self.tree, arguments, attributes)
        return {}
