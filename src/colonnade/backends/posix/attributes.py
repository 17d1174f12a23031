"""GetObjectAttributes."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import properties
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import found
from colonnade.errors import S3Error
from colonnade.rules import parts
from colonnade.rules.checksums import ALGORITHMS
from colonnade.rules.multipart import Part

_KNOWN = frozenset({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"})


class Attributes(Served):
    """What is known of an object, without its headers."""

    async def get_object_attributes(self, **arguments: Any) -> Answer:
        """The attributes asked for; the ETag is without quotes here. Raises InvalidArgument."""
        asked = arguments["ObjectAttributes"]
        if not asked or not set(asked) <= _KNOWN:
            raise S3Error(
                "InvalidArgument",
                "Invalid attribute name specified.",
                ArgumentName="x-amz-object-attributes",
                ArgumentValue=",".join(asked),
            )
        with os_errors(Key=arguments["Key"]), found(self.tree, arguments) as thing:
            answer: Answer = {"LastModified": thing.modified}
            if version := thing.attributes.get("version-id"):
                answer["VersionId"] = version.decode()
            if "ETag" in asked:
                answer["ETag"] = thing.etag.strip('"')
            checksum = properties.checksum_of(thing.attributes)
            if "Checksum" in asked and checksum is not None and checksum.value:
                answer["Checksum"] = checksum.answer()
            sizes = properties.part_sizes(thing.attributes)
            if "ObjectParts" in asked and sizes is not None:
                algorithm, sums = properties.part_checksums(thing.attributes, len(sizes))
                rows = enumerate(zip(sizes, sums, strict=True), 1)
                kept = [Part(number, size, "", value) for number, (size, value) in rows]
                answer["ObjectParts"] = parts.object_parts(arguments, kept, ALGORITHMS[algorithm].argument)
            if "StorageClass" in asked:
                kept_class = thing.attributes.get("colonnade.storage-class", b"STANDARD")
                answer["StorageClass"] = kept_class.decode()
            if "ObjectSize" in asked:
                answer["ObjectSize"] = thing.size
            return answer
