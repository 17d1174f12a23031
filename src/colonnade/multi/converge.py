"""Making one key of a replica what the primary's is: looked up there, compared, given or taken away.

Nothing is carried over from what was once asked: whatever happened to a key, in whatever order, this ends with both
alike. It may be done twice, stopped anywhere and begun again.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.multi import acls
from colonnade.multi.members import ABSENCES, MADE, Kind, Member, Outcome, Role
from colonnade.multi.streams import demand
from colonnade.multi.transfer import properties, transfer

#: What may be set on an object after it is written: how it is read, how it is written, and what of it.
ASPECTS = (
    ("GetObjectRetention", "PutObjectRetention", "Retention"),
    ("GetObjectLegalHold", "PutObjectLegalHold", "LegalHold"),
)
#: What a layer says that has no such aspect, at all or on this object.
UNSET = frozenset(
    {"NotImplemented", "NoSuchObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", "InvalidRequest"}
)


class Converger:
    """Brings members in line with `primary`, which alone decides what an object is."""

    def __init__(self, primary: Member) -> None:
        self.primary = primary

    async def bring(self, member: Member, bucket: str, key: str) -> None:
        """Bring one key in line, or with an empty key the bucket itself. Raises S3Error if that can't be done now."""
        if not key:
            await self._bucket(member, bucket)
            return
        where = {"Bucket": bucket, "Key": key}
        head = await self._head(self.primary, where)
        if head is None:
            await self._remove(member, where)
            return
        if member.role is Role.FALLBACK:  # only ever deleted from; and the primary's own hides what it has
            return
        there = await self._head(member, where)
        owned = await self._acl(member, where)
        if there is None or not same(head, there):
            await self._give(member, where, head, owned)
        else:
            await self._tags(member, where)
        if owned is not None and await acls.count(member, bucket) and not await acls.bring(member, where, owned):
            await self._give(member, where, head, owned)
        for get, put, name in ASPECTS:
            await self._aspect(member, where, get, put, name)

    async def _acl(self, member: Member, where: Mapping[str, Any]) -> Answer | None:
        """Whose the primary's object is, and what is granted; None where the two keep no such things."""
        if not (self.primary.backend.object_acls and member.backend.object_acls):
            return None
        return await self.primary.demand("GetObjectAcl", where)

    async def _give(self, member: Member, where: Mapping[str, Any], head: Answer, owned: Answer | None) -> None:
        read, write = functools.partial(demand, self.primary), functools.partial(self._write, member)
        if owned is None:
            await transfer(read, write, where, head, dict(where))
            return
        await self._give_bucket(member, where["Bucket"])
        granted = acls.grants(owned) if await acls.count(member, where["Bucket"]) else {}
        with acls.on_behalf(owned):
            await transfer(read, write, where, head, {**where, **granted})

    async def _head(self, member: Member, where: Mapping[str, Any]) -> Answer | None:
        outcome = await member.ask("HeadObject", {**where, "ChecksumMode": "ENABLED"})
        return None if outcome.kind is Kind.ABSENT or _is_marker(outcome) else outcome.take()

    async def _remove(self, member: Member, where: Mapping[str, Any]) -> None:
        outcome = await member.ask("DeleteObject", where)
        if outcome.kind is not Kind.ABSENT:
            outcome.take()

    async def _write(self, member: Member, operation: str, arguments: Arguments) -> Answer:
        """A write to a member, in a bucket that it is given if it lacks it."""
        if operation in ("PutObject", "CreateMultipartUpload"):
            await self._give_bucket(member, arguments["Bucket"])
        return await member.demand(operation, arguments)

    async def _give_bucket(self, member: Member, bucket: str) -> None:
        outcome = await member.ask("HeadBucket", {"Bucket": bucket})
        if outcome.kind is Kind.ABSENT:
            said = {"ObjectOwnership": await acls.ownership(self.primary, bucket)} if member.backend.object_acls else {}
            outcome = await member.ask("CreateBucket", {"Bucket": bucket, **said})
        if outcome.code not in MADE:
            outcome.take()

    async def _bucket(self, member: Member, bucket: str) -> None:
        outcome = await self.primary.ask("HeadBucket", {"Bucket": bucket})
        if outcome.kind is not Kind.ABSENT:
            outcome.take()
            await self._give_bucket(member, bucket)
            return
        gone = await member.ask("DeleteBucket", {"Bucket": bucket})
        if gone.kind is not Kind.ABSENT:
            gone.take()

    async def _tags(self, member: Member, where: Mapping[str, Any]) -> None:
        wanted, found = await _tag_set(self.primary, where), await _tag_set(member, where)
        if wanted == found or wanted is None:
            return
        if wanted:
            await member.demand("PutObjectTagging", {**where, "Tagging": {"TagSet": wanted}})
        else:
            await member.demand("DeleteObjectTagging", where)

    async def _aspect(self, member: Member, where: Mapping[str, Any], get: str, put: str, name: str) -> None:
        """One aspect, where the primary has it set and the member has such a thing at all."""
        wanted = await self.primary.ask(get, where)
        if wanted.code in UNSET | ABSENCES:
            return
        found = await member.ask(get, where)
        if found.code == "NotImplemented" or (found.answer or {}).get(name) == wanted.take().get(name):
            return
        given = await member.ask(put, {**where, name: wanted.take()[name]})
        if given.code not in UNSET:
            given.take()


def same(head: Answer, other: Answer) -> bool:
    """Whether two heads are surely of the same object: equal bytes by ETag or checksum, and equal properties."""
    return properties_alike(head, other) and alike(head, other) is True


def properties_alike(head: Answer, other: Answer) -> bool:
    """Whether size, metadata and system properties agree."""
    return bool(head["ContentLength"] == other["ContentLength"] and properties(head) == properties(other))


def alike(head: Answer, other: Answer) -> bool | None:
    """Whether two objects hold the same bytes, as their ETags or a checksum in common tell; None if these don't."""
    if head["ContentLength"] != other["ContentLength"]:
        return False
    if head["ETag"] == other["ETag"]:
        return True
    if head.get("ChecksumType") == other.get("ChecksumType"):
        for name, value in head.items():
            if name.startswith("Checksum") and name != "ChecksumType" and name in other:
                return bool(value == other[name])
    return None


def _is_marker(outcome: Outcome) -> bool:
    return isinstance(outcome.error, S3Error) and bool(outcome.error.output.get("DeleteMarker"))


async def _tag_set(member: Member, where: Mapping[str, Any]) -> list[dict[str, str]] | None:
    """An object's tags in an order of their own, None where there are no such things."""
    outcome = await member.ask("GetObjectTagging", where)
    if outcome.code in UNSET:
        return None
    return sorted(outcome.take().get("TagSet", ()), key=lambda tag: tag["Key"])
