"""Tags of objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import properties
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.change import change
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import found
from colonnade.rules import tagging


class Tagging(Served):
    """GetObjectTagging, PutObjectTagging, DeleteObjectTagging. They don't move Last-Modified."""

    async def get_object_tagging(self, **arguments: Any) -> Answer:
        """The tags, in the order they were given; an empty set where there are none."""
        with os_errors(Key=arguments["Key"]), found(self.tree, arguments) as thing:
            return {
                "TagSet": properties.tags_from_json(thing.attributes.get(properties.TAGS)),
                **_said(thing.version),
            }

    async def put_object_tagging(self, **arguments: Any) -> Answer:
        """Replace the tags."""
        tags = arguments["Tagging"].get("TagSet") or []
        tagging.check(tags)
        return await self._set(arguments, properties.tags_to_json(tags) if tags else None)

    async def delete_object_tagging(self, **arguments: Any) -> Answer:
        """Remove the tags."""
        return await self._set(arguments, None)

    async def _set(self, arguments: Mapping[str, Any], tags: bytes | None) -> Answer:
        return _said(await change(self.tree, arguments, lambda _: {properties.TAGS: tags}))


def _said(version: str) -> Answer:
    return {"VersionId": version} if version else {}
