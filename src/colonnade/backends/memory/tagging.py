"""Tags of objects in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Store
from colonnade.rules import tagging


class Tagging(Store):
    """The three operations on tags of objects. They don't move Last-Modified."""

    async def get_object_tagging(self, **arguments: Any) -> Answer:
        """An object's tags; none is an empty set."""
        stored = self.stored(arguments)
        return {"TagSet": stored.tags, **self.bucket(arguments["Bucket"]).said(stored)}

    async def put_object_tagging(self, **arguments: Any) -> Answer:
        """Replace an object's tags."""
        tags = arguments["Tagging"].get("TagSet") or []
        tagging.check(tags)
        return self._set(arguments, tags)

    async def delete_object_tagging(self, **arguments: Any) -> Answer:
        """Remove an object's tags."""
        return self._set(arguments, [])

    def _set(self, arguments: dict[str, Any], tags: list[tagging.Tag]) -> Answer:
        bucket, stored = self.bucket(arguments["Bucket"]), self.stored(arguments)
        bucket.change(arguments["Key"], stored.version, lambda old: replace(old, tags=tags))
        return bucket.said(stored)
