"""Deleting objects in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.bucket import Bucket
from colonnade.backends.memory.store import Store
from colonnade.errors import S3Error
from colonnade.rules import conditions, names
from colonnade.rules.versions import NULL, check_id

MOST = 1000


class Deleting(Store):
    """DeleteObject and DeleteObjects."""

    async def delete_object(self, **arguments: Any) -> Answer:
        """Remove an object; one that isn't there is removed already."""
        bucket = self.bucket(arguments["Bucket"])
        return _delete(bucket, arguments, bypass=bool(arguments.get("BypassGovernanceRetention")))

    async def delete_objects(self, **arguments: Any) -> Answer:
        """Remove up to 1,000 objects, each for itself. Raises MalformedXML for more, and for none."""
        bucket, delete = self.bucket(arguments["Bucket"]), arguments["Delete"]
        rows = delete.get("Objects") or []
        if not 1 <= len(rows) <= MOST:
            raise S3Error("MalformedXML")
        bypass = bool(arguments.get("BypassGovernanceRetention"))
        answer: Answer = {}
        for row in rows:
            named = {name: row[name] for name in ("Key", "VersionId") if name in row}
            try:
                done = _told(row, _delete(bucket, row, bypass=bypass))
            except S3Error as error:
                failed = named | {"Code": error.code, "Message": error.message}
                answer.setdefault("Errors", []).append(failed)
            else:
                if not delete.get("Quiet"):
                    answer.setdefault("Deleted", []).append(done)
        return answer


def _delete(bucket: Bucket, row: dict[str, Any], *, bypass: bool) -> Answer:
    key, version = row["Key"], row.get("VersionId")
    names.check_key(key)
    check_id(row)
    conditions.check_delete_arguments(row)
    if version is None:
        conditions.check_delete(row, bucket.current(key))
        if bucket.versioning:
            return bucket.mark(key)
        bucket.remove(key, NULL, bypass=bypass)
        return {}
    # A version that isn't there is deleted already, as a key is.
    marker = bucket.remove(key, version, bypass=bypass)
    return {"VersionId": version} | ({"DeleteMarker": True} if marker else {})


def _told(row: dict[str, Any], answer: Answer) -> Answer:
    """What DeleteObjects says of a key: the version that was asked for, the marker that was made or removed."""
    named = {name: row[name] for name in ("Key", "VersionId") if row.get(name)}
    if answer.get("DeleteMarker"):
        named |= {"DeleteMarker": True, "DeleteMarkerVersionId": answer["VersionId"]}
    return named
