"""GetObjectAttributes."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import properties
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import Found, found
from colonnade.rules import attributes
from colonnade.rules.multipart import Part


class Attributes(Served):
    """What is known of an object, without its headers."""

    async def get_object_attributes(self, **arguments: Any) -> Answer:
        """The attributes asked for; the ETag is without quotes here. Raises InvalidArgument."""
        attributes.check(arguments["ObjectAttributes"])
        with os_errors(Key=arguments["Key"]), found(self.tree, arguments) as thing:
            answer: Answer = {"LastModified": thing.modified}
            if thing.version:
                answer["VersionId"] = thing.version
            return answer | attributes.describe(
                arguments,
                etag=thing.etag,
                size=thing.size,
                checksum=properties.checksum_of(thing.attributes),
                parts=_parts(thing),
                storage_class=thing.attributes.get("colonnade.storage-class", b"STANDARD").decode(),
            )


def _parts(thing: Found) -> list[Part] | None:
    """The parts an object was joined from, None for one that was not."""
    sizes = properties.part_sizes(thing.attributes)
    if sizes is None:
        return None
    _, sums = properties.part_checksums(thing.attributes, len(sizes))
    return [Part(number, size, "", value) for number, (size, value) in enumerate(zip(sizes, sums, strict=True), 1)]
