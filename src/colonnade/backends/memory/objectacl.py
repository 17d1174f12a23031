"""ACLs of objects in memory. They don't move Last-Modified."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Store
from colonnade.rules import objectacl


class ObjectAcls(Store):
    """GetObjectAcl and PutObjectAcl."""

    async def get_object_acl(self, **arguments: Any) -> Answer:
        """Owner and grants."""
        stored = self.stored(arguments)
        return dict(objectacl.shown(stored.acl, self.bucket(arguments["Bucket"]).ownership))

    async def put_object_acl(self, **arguments: Any) -> Answer:
        """Replace the grants."""
        bucket, stored = self.bucket(arguments["Bucket"]), self.stored(arguments)
        made = objectacl.of_put(arguments, stored.acl, bucket.ownership)
        bucket.change(arguments["Key"], stored.version, lambda old: replace(old, acl=made))
        return {}
