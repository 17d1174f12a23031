"""Reading objects in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Store
from colonnade.backends.memory.stored import Stored
from colonnade.body import BytesBody
from colonnade.errors import S3Error
from colonnade.rules import attributes, conditions, parts, ranges
from colonnade.rules.checksums import Checksum


class Reading(Store):
    """GetObject and what is like it."""

    async def get_object(self, **arguments: Any) -> Answer:
        """An object, a range or a part of it."""
        stored, answer, offset = self._read(arguments)
        answer["Body"] = BytesBody(stored.data[offset : offset + answer["ContentLength"]])
        return answer

    async def head_object(self, **arguments: Any) -> Answer:
        """GetObject without the bytes."""
        return self._read(arguments)[1]

    async def get_object_attributes(self, **arguments: Any) -> Answer:
        """What ObjectAttributes asks for."""
        stored = self.stored(arguments)
        answer = attributes.describe(
            arguments,
            etag=stored.etag,
            size=len(stored.data),
            checksum=stored.checksum,
            parts=stored.parts,
            storage_class=stored.storage_class,
        )
        return answer | {"LastModified": stored.last_modified} | self.bucket(arguments["Bucket"]).said(stored)

    def _read(self, arguments: dict[str, Any]) -> tuple[Stored, Answer, int]:
        """The object, the answer without a body, and where the bytes asked for begin."""
        stored = self.stored(arguments)
        conditions.check_read(arguments, stored.etag, stored.last_modified, stored.properties)
        answer: Answer = {
            "AcceptRanges": "bytes",
            "ETag": stored.etag,
            "LastModified": stored.last_modified,
            "Metadata": {},
            **stored.properties,
            **stored.lock.answer(),
            **self.bucket(arguments["Bucket"]).said(stored),
        }
        if stored.tags:
            answer["TagCount"] = len(stored.tags)
        if stored.acl is not None:
            answer["AccessControlPolicy"] = stored.acl
        offset, length = self._extent(arguments, stored, answer)
        answer["ContentLength"] = length
        if arguments.get("ChecksumMode") == "ENABLED":
            answer |= _checksum(stored, offset, length, arguments.get("PartNumber")).answer()
        return stored, answer, offset

    def _extent(self, arguments: dict[str, Any], stored: Stored, answer: Answer) -> tuple[int, int]:
        """(offset, length) of what Range or PartNumber ask for; the answer says so if it isn't everything."""
        size, number, header = len(stored.data), arguments.get("PartNumber"), arguments.get("Range")
        if number is None:
            extent = ranges.parse(header, size)
        elif header is not None:
            raise S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
        else:
            sizes = None if stored.parts is None else [part.size for part in stored.parts]
            offset, length, count = parts.locate(number, sizes, size)
            extent = (offset, length) if length else None
            if count is not None:
                answer["PartsCount"] = count
        if extent is None:
            return 0, size
        answer["ContentRange"] = ranges.content_range(*extent, size)
        return extent


def _checksum(stored: Stored, offset: int, length: int, number: int | None) -> Checksum:
    """The checksum of what is sent: the whole's, or a part's if it is exactly one; without a value otherwise."""
    whole = stored.checksum
    if length == len(stored.data) and (number is None or stored.parts is None):
        return whole
    at = parts.part_at(offset, length, [part.size for part in stored.parts or ()])
    return Checksum(whole.algorithm, whole.type, "" if at is None else (stored.parts or ())[at].checksum)
