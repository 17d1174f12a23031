"""Deleting: gone from the primary, and hidden where a lower layer has it too."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.multi.hidden import is_versioned
from colonnade.multi.layers import Layers
from colonnade.multi.markers import refuse_reserved
from colonnade.multi.members import Kind
from colonnade.multi.policies.base import DeletePolicy
from colonnade.multi.reads import Reads
from colonnade.multi.writes import Writes
from colonnade.rules.conditions import Current, check_delete, check_delete_arguments

#: Keys of one DeleteObjects that are worked on at a time.
AT_ONCE = 16
#: Conditions of DeleteObject, by what an entry of DeleteObjects calls them.
CONDITIONS = {"ETag": "IfMatch", "LastModifiedTime": "IfMatchLastModifiedTime", "Size": "IfMatchSize"}
#: What DeleteObjects passes on to each delete.
SHARED = ("Bucket", "MFA", "RequestPayer", "BypassGovernanceRetention", "ExpectedBucketOwner")


class Deletes:
    """DeleteObject and DeleteObjects; `policy` says what happens below."""

    def __init__(self, layers: Layers, reads: Reads, writes: Writes, policy: DeletePolicy) -> None:
        self.layers = layers
        self.primary = layers.primary
        self.policy = policy
        self.reads = reads
        self.writes = writes

    async def one(self, operation: str, arguments: Arguments) -> Answer:
        """DeleteObject. What isn't there is deleted already; a bucket that isn't there is NoSuchBucket."""
        check_delete_arguments(arguments)
        if arguments.get("VersionId"):
            own = await self._version(arguments)
            if own is not None:
                return own
        arguments = await self._judged(arguments)
        bucket, key = arguments["Bucket"], arguments["Key"]
        await self.policy.before(bucket, key)
        outcome = await self.writes.policy.write("DeleteObject", arguments)
        if outcome.code == "NoSuchBucket":
            await self.writes.visible(bucket)
        deleted_already = outcome.kind is Kind.ABSENT and "IfMatch" not in arguments
        if outcome.kind is not Kind.UNREACHABLE and not deleted_already:
            outcome.take()
        # Also when nobody knows: it may be gone from the primary, and then it has to go below.
        await self.policy.after(bucket, key)
        return {} if deleted_already else outcome.take()

    async def many(self, operation: str, arguments: Arguments) -> Answer:
        """DeleteObjects: each key by itself, what was refused in Errors."""
        await self.writes.visible(arguments["Bucket"])
        shared = {name: arguments[name] for name in SHARED if name in arguments}
        slots = asyncio.Semaphore(AT_ONCE)

        async def attempt(entry: Mapping[str, Any]) -> tuple[bool, dict[str, Any]]:
            named = {name: entry[name] for name in ("Key", "VersionId") if entry.get(name)}
            conditions = {CONDITIONS[name]: entry[name] for name in CONDITIONS if name in entry}
            try:
                async with slots:
                    refuse_reserved(entry["Key"], writes=True)
                    answer = await self.one("DeleteObject", {**shared, **named, **conditions})
            except S3Error as error:
                return False, {**named, "Code": error.code, "Message": error.message}
            return True, named | _deleted(entry, answer)

        results = await asyncio.gather(*(attempt(entry) for entry in arguments["Delete"]["Objects"]))
        answer: Answer = {}
        if not arguments["Delete"].get("Quiet"):
            answer["Deleted"] = [entry for done, entry in results if done]
        if errors := [entry for done, entry in results if not done]:
            answer["Errors"] = errors
        return answer

    async def _version(self, arguments: Arguments) -> Answer | None:
        """Delete a version where it was issued; None if it is the null version of an unversioned bucket."""
        bucket, key, version = arguments["Bucket"], arguments["Key"], arguments["VersionId"]
        if version == "null" and not await is_versioned(self.primary, bucket):
            return None
        try:
            found = await self.reads.find(bucket, key, version)
        except S3Error as error:
            # A delete marker has an id too, and can't be read: the primary knows it or there is none.
            if error.status not in (404, 405):
                raise
        else:
            if found.member is not self.primary:
                message = f"This version belongs to the backend {found.member.name}, which is only read."
                raise S3Error("AccessDenied", message, status=403)
        await self.policy.before_version(bucket, key)
        return await self.writes.plain("DeleteObject", arguments)

    async def _judged(self, arguments: Arguments) -> Arguments:
        """Check the conditions against what is visible, unless that is the primary's to judge."""
        conditions = set(CONDITIONS.values()) & arguments.keys()
        if not conditions or not self.layers.lower:
            return arguments
        try:
            found = await self.reads.find(arguments["Bucket"], arguments["Key"])
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
            check_delete(arguments, None)
            return arguments
        if found.member is self.primary:
            return arguments
        head = found.head
        check_delete(arguments, Current(head["ETag"], head["LastModified"], head["ContentLength"]))
        return {name: value for name, value in arguments.items() if name not in conditions}


def _deleted(entry: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    """What DeleteObjects says beside the name: the delete marker that was made or removed."""
    if not answer.get("DeleteMarker"):
        return {}
    version = entry.get("VersionId") or answer.get("VersionId")
    return {"DeleteMarker": True} | ({"DeleteMarkerVersionId": version} if version else {})
