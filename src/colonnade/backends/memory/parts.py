"""The parts of multipart uploads in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Store
from colonnade.backends.memory.stored import StoredPart
from colonnade.backends.memory.writing import take
from colonnade.body import BytesBody
from colonnade.rules import checksums, conditions, copysource, multipart, ranges
from colonnade.rules.checksums import Ingest, Sums
from colonnade.rules.multipart import Part, Promise


def part_checksum(part: Part, promise: Promise) -> dict[str, str]:
    """A part's checksum in an answer."""
    return {checksums.ALGORITHMS[promise.used].argument: part.checksum} if part.checksum else {}


class Parts(Store):
    """UploadPart and UploadPartCopy."""

    async def upload_part(self, **arguments: Any) -> Answer:
        """Keep a part; one with the same number is replaced."""
        upload = self.bucket(arguments["Bucket"]).upload(arguments["UploadId"], arguments["Key"])
        multipart.check_part(arguments, upload.promise)
        ingest = Ingest(arguments, default=upload.promise.used, also=(upload.promise.used,))
        with upload.written():
            part, sums = await self._keep(arguments, arguments.get("Body"), ingest)
        return {"ETag": part.etag, **sums.part_answer()}

    async def upload_part_copy(self, **arguments: Any) -> Answer:
        """Keep a part that is a piece of an object."""
        upload = self.bucket(arguments["Bucket"]).upload(arguments["UploadId"], arguments["Key"])
        multipart.check_number(arguments["PartNumber"])
        source = copysource.parse(arguments["CopySource"])
        found, said = self.source(source)
        conditions.check_copy_source(arguments, found.etag, found.last_modified)
        offset, length = ranges.parse_copy(arguments.get("CopySourceRange"), len(found.data))
        body = BytesBody(found.data[offset : offset + length])
        part, _ = await self._keep(arguments, body, Ingest({}, default=upload.promise.used))
        kept = upload.parts[part.number]
        result = {"ETag": part.etag, "LastModified": kept.last_modified}
        return {"CopyPartResult": result | part_checksum(part, upload.promise), **said}

    async def _keep(self, arguments: dict[str, Any], body: Any, ingest: Ingest) -> tuple[Part, Sums]:
        data, sums = await take(body, ingest)
        # The upload may have been completed or aborted while the body came in.
        upload = self.bucket(arguments["Bucket"]).upload(arguments["UploadId"], arguments["Key"])
        part = Part(arguments["PartNumber"], len(data), sums.etag, sums.values[upload.promise.used])
        upload.parts[part.number] = StoredPart(part, data)
        return part, sums
