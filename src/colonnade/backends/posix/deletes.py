"""DeleteObject and DeleteObjects."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import names, removals, versioned
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import found
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.tree import Check
from colonnade.errors import S3Error
from colonnade.rules import conditions
from colonnade.rules.conditions import Current
from colonnade.rules.versions import check_id

#: Keys of one DeleteObjects that are deleted at a time.
_AT_ONCE = 32


class Deletes(Served):
    """The operations that remove objects."""

    async def delete_object(self, **arguments: Any) -> Answer:
        """Remove a key and the directories that it leaves empty; nothing happens if it isn't there."""
        check_id(arguments)
        conditions.check_delete_arguments(arguments)
        try:
            where = names.find(arguments["Bucket"], arguments["Key"])
        except S3Error as error:
            if error.code != "NoSuchKey":
                raise
            self.tree.bucket(arguments["Bucket"])
            conditions.check_delete(arguments, None)
            return {}  # no file can have this name, so nothing is there
        version = arguments.get("VersionId")
        bypass = bool(arguments.get("BypassGovernanceRetention"))
        status = "" if where.directory else self.tree.versioning(where.bucket)
        if status and version is None:
            return await self._mark(where, arguments)
        if status and version is not None:
            self.tree.bucket(where.bucket)
            marker = await removals.remove_version(self.tree, where, version, bypass=bypass)
            return {"VersionId": version} | ({"DeleteMarker": True} if marker else {})
        if version is None or self._is_current(arguments):
            await removals.remove(self.tree, where, _check(arguments), bypass=bypass)
        return {"VersionId": version} if version else {}

    async def _mark(self, where: Where, arguments: Mapping[str, Any]) -> Answer:
        """Put a delete marker in the place of the current version, which is kept."""
        with self.tree.temp(where.bucket, 0) as temp:
            self.tree.attach(where, temp, {versioned.MARKER: b""})
            try:
                answer = await self.tree.commit(where, temp, _check(arguments))
            except S3Error as error:
                if error.code in ("ExistingObjectIsDirectory", "ObjectParentIsFile"):
                    return {}  # no file can lie there, so nothing does
                raise
        return {"DeleteMarker": True, **answer}

    def _is_current(self, arguments: Mapping[str, Any]) -> bool:
        """Whether VersionId names what lies under the key; deleting any other changes nothing."""
        try:
            with os_errors(), found(self.tree, arguments):
                return True
        except S3Error as error:
            if error.code in ("NoSuchKey", "NoSuchVersion"):
                return False
            raise

    async def delete_objects(self, **arguments: Any) -> Answer:
        """Delete many keys; what can't be deleted is said of each key. With Quiet only that."""
        bucket: str = arguments["Bucket"]
        self.tree.bucket(bucket)
        asked = arguments["Delete"]
        rows = asked["Objects"]
        if not 1 <= len(rows) <= 1000:
            raise S3Error("MalformedXML")
        shared: Answer = {name: arguments[name] for name in _SHARED if name in arguments}
        results: list[Answer | S3Error] = []
        for start in range(0, len(rows), _AT_ONCE):
            chunk = rows[start : start + _AT_ONCE]
            results += await asyncio.gather(*(self._one({**shared, **row}) for row in chunk))
        deleted = [result for result in results if not isinstance(result, S3Error)]
        errors = [
            {"Key": row["Key"], "Code": result.code, "Message": result.message}
            | ({"VersionId": row["VersionId"]} if row.get("VersionId") else {})
            for row, result in zip(rows, results, strict=True)
            if isinstance(result, S3Error)
        ]
        answer: Answer = {} if asked.get("Quiet") or not deleted else {"Deleted": deleted}
        return answer | ({"Errors": errors} if errors else {})

    async def _one(self, row: Mapping[str, Any]) -> Answer | S3Error:
        try:
            return {"Key": row["Key"], **_told(row, await self.delete_object(**row))}
        except S3Error as error:
            return error


def _told(row: Mapping[str, Any], answer: Answer) -> Answer:
    """What DeleteObjects says of a key: the version that was asked for, the marker that was made or removed."""
    said: Answer = {"VersionId": row["VersionId"]} if row.get("VersionId") else {}
    if answer.get("DeleteMarker"):
        said |= {"DeleteMarker": True, "DeleteMarkerVersionId": answer["VersionId"]}
    return said


def _check(arguments: Mapping[str, Any]) -> Check | None:
    """How a delete's conditions, by DeleteObject's names or those of an entry, judge what is there."""
    if not any(name in arguments for name in conditions.DELETES):
        return None

    def check(current: Current | None) -> None:
        conditions.check_delete(arguments, current)

    return check


#: What DeleteObjects says once for all its keys.
_SHARED = ("Bucket", "BypassGovernanceRetention")
