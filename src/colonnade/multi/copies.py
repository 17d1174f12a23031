"""Copying out of lower layers: the layer that has the source is read, and the primary is given the object.

A copy within the primary stays one operation of the primary.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.multi import acls
from colonnade.multi.markers import refuse_reserved
from colonnade.multi.members import Kind, Outcome
from colonnade.multi.reads import Found, Reads
from colonnade.multi.transfer import PROPERTIES, Kept, transfer
from colonnade.multi.writes import Writes
from colonnade.rules import copies, copysource, ranges
from colonnade.rules.conditions import check_copy_source

#: Arguments of CopyObject that PutObject doesn't have.
ONLY_COPY = ("CopySource", "MetadataDirective", "TaggingDirective", "ExpectedSourceBucketOwner")


class Copies:
    """CopyObject, UploadPartCopy, and changes of what must be copied up first."""

    def __init__(self, reads: Reads, writes: Writes) -> None:
        self.reads = reads
        self.writes = writes
        self.primary = writes.primary
        self._rising: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def copy_object(self, operation: str, arguments: Arguments) -> Answer:
        """CopyObject: within the primary if it has the source, else through us."""
        source = copysource.parse(arguments["CopySource"])
        refuse_reserved(source["Key"], writes=False)
        arguments = await self.writes.judged(arguments)
        outcome = await self.writes.send(operation, arguments)
        if not _lacks_source(outcome, source):
            return outcome.take()
        found = await self._below(outcome, source)
        check_copy_source(arguments, found.head["ETag"], found.head["LastModified"])
        replace = arguments.get("MetadataDirective") == "REPLACE"
        copies.check(arguments, source)
        dropped = ONLY_COPY if replace else (*ONLY_COPY, *PROPERTIES)
        if arguments.get("TaggingDirective") != "REPLACE":  # then a header with tags says nothing
            dropped = (*dropped, "Tagging")
        put = {k: v for k, v in arguments.items() if k not in dropped and not k.startswith("CopySource")}
        return await self._copied(source, found, put, carry=not replace, arguments=arguments)

    async def _copied(
        self, source: Mapping[str, Any], found: Found, put: Arguments, *, carry: bool, arguments: Arguments
    ) -> Answer:
        kept = Kept(properties=carry, tags=arguments.get("TaggingDirective") != "REPLACE", parts=False)
        stored, read = await self._transfer(source, found, put, kept)
        answer: Answer = {"CopyObjectResult": _result(stored)}
        if "VersionId" in stored:
            answer["VersionId"] = stored["VersionId"]
        if "VersionId" in read:
            answer["CopySourceVersionId"] = read["VersionId"]
        return answer

    async def upload_part_copy(self, operation: str, arguments: Arguments) -> Answer:
        """UploadPartCopy: within the primary if it has the source, else through us."""
        source = copysource.parse(arguments["CopySource"])
        refuse_reserved(source["Key"], writes=False)
        outcome = await self.writes.send(operation, arguments)
        if not _lacks_source(outcome, source):
            return outcome.take()
        found = await self._below(outcome, source)
        check_copy_source(arguments, found.head["ETag"], found.head["LastModified"])
        asked = {**source, "IfMatch": found.head["ETag"]}
        if wanted := arguments.get("CopySourceRange"):
            offset, length = ranges.parse_copy(wanted, found.head["ContentLength"])
            asked["Range"] = f"bytes={offset}-{offset + length - 1}"
        read = await self._read(found, "GetObject", asked)
        part = {name: arguments[name] for name in ("Bucket", "Key", "UploadId", "PartNumber")}
        part |= {"Body": read["Body"], "ContentLength": read["ContentLength"]}
        try:
            stored = (await self.writes.send("UploadPart", part)).take()
        finally:
            await read["Body"].aclose()
        answer: Answer = {"CopyPartResult": _result(stored)}
        if "VersionId" in read:
            answer["CopySourceVersionId"] = read["VersionId"]
        return answer

    async def change(self, operation: str, arguments: Arguments) -> Answer:
        """PutObjectTagging and the like: what exists only below is copied up first."""
        outcome = await self.writes.send(operation, arguments)
        if outcome.kind is not Kind.ABSENT:
            return outcome.take()
        bucket, key, version = arguments["Bucket"], arguments["Key"], arguments.get("VersionId")
        found = await self._below(outcome, {"Bucket": bucket, "Key": key} | ({"VersionId": version} if version else {}))
        if version and version != "null":
            raise S3Error(
                "AccessDenied",
                f"This version belongs to the backend {found.member.name}, which is only read.",
                status=403,
            )
        await self.copy_up(bucket, key)
        return (await self.writes.send(operation, arguments)).take()

    async def copy_up(self, bucket: str, key: str) -> None:
        """Give the primary an object that exists only below, once however many ask for it at a time.

        Raises NoSuchKey if it isn't visible, or was deleted while it was copied.
        """
        lock = self._rising[bucket, key]
        try:
            async with lock:
                found = await self.reads.find(bucket, key)
                if found.member is not self.primary:
                    await self._raise_up({"Bucket": bucket, "Key": key}, found)
        finally:
            if not lock.locked():
                self._rising.pop((bucket, key), None)

    async def _raise_up(self, where: Mapping[str, Any], found: Found) -> None:
        try:
            stored = await self._raised(where, found, {**where, "IfNoneMatch": "*"})
        except S3Error as error:
            if error.code != "PreconditionFailed":
                raise
            # Somebody else wrote it meanwhile: that is what counts now.
            return
        if await self.writes.veil.markers.holds(where["Bucket"], where["Key"]):
            # Deleted since we looked: our copy must not bring it back, a newer object must stay.
            gone = {**where, "IfMatch": stored["ETag"]}
            (await self.writes.send("DeleteObject", gone)).take()
            raise S3Error("NoSuchKey", status=404, Key=where["Key"])

    async def _raised(self, where: Mapping[str, Any], found: Found, put: Arguments) -> Answer:
        """Write it as its owner's, with what its ACL grants."""
        bucket = where["Bucket"]
        await self.writes.ensure(bucket)
        if not await acls.count(self.primary, bucket):
            return (await self._transfer(where, found, put, Kept()))[0]
        given = await acls.said(self.primary, await acls.ask(found.member, where), bucket)
        with acls.on_behalf(given):
            return (await self._transfer(where, found, {**put, **acls.grants(given)}, Kept()))[0]

    async def _transfer(
        self, source: Mapping[str, Any], found: Found, put: Arguments, kept: Kept
    ) -> tuple[Answer, Answer]:
        """Read an object and put it into the primary. What was answered, and what describes the source."""

        async def read(operation: str, arguments: Arguments) -> Answer:
            return await self._read(found, operation, arguments)

        async def write(operation: str, arguments: Arguments) -> Answer:
            return (await self.writes.send(operation, arguments)).take()

        return await transfer(read, write, source, found.head, put, kept)

    async def _read(self, found: Found, operation: str, arguments: Arguments) -> Answer:
        """What the layer says that was found to have an object: another one would mean another object."""
        try:
            return await self.reads.of(found.member, operation, arguments)
        except S3Error as error:
            if error.code not in ("PreconditionFailed", "NoSuchKey"):
                raise
            message = "The object was changed while it was being copied. Please retry."
            raise S3Error("ServiceUnavailable", message) from error

    async def _below(self, outcome: Outcome, source: Mapping[str, Any]) -> Found:
        """The lower layer that has what the primary lacks. Raises S3Error if none has."""
        found = await self.reads.find(source["Bucket"], source["Key"], source.get("VersionId"))
        if found.member is self.primary:
            # It came after all, or the primary means something else: its own word stands.
            outcome.take()
        return found


def _lacks_source(outcome: Outcome, source: Mapping[str, Any]) -> bool:
    if outcome.code == "InvalidArgument":
        return bool(source.get("VersionId"))
    return outcome.kind is Kind.ABSENT and outcome.code != "NoSuchUpload"


def _result(stored: Answer) -> dict[str, Any]:
    result = {name: value for name, value in stored.items() if name.startswith("Checksum")}
    return {"ETag": stored["ETag"], "LastModified": datetime.now(UTC).replace(microsecond=0), **result}
