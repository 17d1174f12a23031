"""Tags of objects."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import names, properties
from colonnade.backends.posix.base import Served
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
                **_version(thing.attributes),
            }

    async def put_object_tagging(self, **arguments: Any) -> Answer:
        """Replace the tags."""
        tags = arguments["Tagging"].get("TagSet") or []
        tagging.check(tags)
        return await self._set(arguments, {properties.TAGS: properties.tags_to_json(tags)} if tags else {})

    async def delete_object_tagging(self, **arguments: Any) -> Answer:
        """Remove the tags."""
        return await self._set(arguments, {})

    async def _set(self, arguments: Mapping[str, Any], values: Mapping[str, bytes]) -> Answer:
        where = names.find(arguments["Bucket"], arguments["Key"])

        def change() -> tuple[Answer, int]:
            with found(self.tree, arguments) as thing:
                drop = [] if values or properties.TAGS not in thing.attributes else [properties.TAGS]
                self.tree.store.change(thing.fd, where, values, drop, durable=False)
                return _version(thing.attributes), thing.take()

        with os_errors(Key=where.key):
            self.tree.bucket(where.bucket)
            answer, fd = await self.tree.locks.holding(where.bucket, where.path, change)
            try:
                if self.tree.options.fsync:
                    await self.tree.threads.wait(os.fsync, fd)
            finally:
                os.close(fd)
        return answer


def _version(attributes: Mapping[str, bytes]) -> Answer:
    version = attributes.get("version-id")
    return {"VersionId": version.decode()} if version else {}
