"""Deleting objects in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Bucket, Store
from colonnade.errors import S3Error
from colonnade.rules import conditions, names
from colonnade.rules.versions import check_never_versioned

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
                done = named | _delete(bucket, row, bypass=bypass)
            except S3Error as error:
                failed = named | {"Code": error.code, "Message": error.message}
                answer.setdefault("Errors", []).append(failed)
            else:
                if not delete.get("Quiet"):
                    answer.setdefault("Deleted", []).append(done)
        return answer


def _delete(bucket: Bucket, row: dict[str, Any], *, bypass: bool) -> Answer:
    key, version_id = row["Key"], row.get("VersionId")
    names.check_key(key)
    try:
        check_never_versioned(version_id, key)
    except S3Error as error:
        # A version that isn't there is deleted already, as a key is.
        if error.code != "NoSuchVersion":
            raise
        return {}
    conditions.check_delete(row, bucket.current(key))
    bucket.check_unlocked(key, bypass=bypass)
    bucket.remove(key)
    return {}
