"""PutObject, GetObject and HeadObject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import directories, names, objectacl, objectlock, properties
from colonnade.backends.posix.again import Again
from colonnade.backends.posix.base import Served, write_check
from colonnade.backends.posix.direct import DirectBody
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import Found, find
from colonnade.backends.posix.receive import check_length, receive
from colonnade.body import PIECE, BytesBody, FileBody, as_body
from colonnade.errors import S3Error
from colonnade.rules import conditions, parts, ranges
from colonnade.rules.checksums import Checksum, Ingest

_CHECKSUMS = ("checksums",)


class Objects(Served):
    """The operations on one object's body."""

    again: Again

    async def put_object(self, **arguments: Any) -> Answer:
        """Store a body under a key; the answer holds its ETag and checksum."""
        where = names.place(arguments["Bucket"], arguments["Key"])
        conditions.check_write_arguments(arguments)
        attributes = properties.of_write(arguments) | objectlock.of_write(self.tree, arguments, uploaded=True)
        attributes |= objectacl.of_write(self.tree, arguments)
        ingest = Ingest(arguments, md5=where.directory or self.tree.etags.md5)
        body = as_body(arguments.get("Body"))
        check_length(body.length)
        check = write_check(arguments)
        with os_errors(Key=where.key):
            if check is not None:  # a refusal need not wait for the body; the lock's holder asks again
                check(self.tree.current(where))
            if where.directory:
                return await directories.put(self.tree, where, attributes, ingest, body, check)
            with self.tree.temp(where.bucket, body.length) as temp:
                await receive(body, ingest, temp, self.tree.threads, self.tree.options)
                sums = ingest.finish(body.trailers)
                checksum = sums.checksum
                etag = self.tree.etags.of_object(temp.fd, sums.etag, checksum)
                # What listings read comes first: ext4 has room for one attribute in the inode.
                attributes = properties.of_sums(etag, checksum) | attributes
                self.tree.attach(where, temp, attributes)
                version = await self.tree.commit(where, temp, check)
        return {"ETag": etag, **version, **checksum.answer()}

    async def get_object(self, **arguments: Any) -> Answer:
        """An object and its body: the whole, a Range or a part. Small ones are read at once."""
        with os_errors(Key=arguments["Key"]):
            thing = self._find(arguments, body=True)
            try:
                answer, offset, length = _describe(arguments, thing)
                if length > PIECE:
                    body = DirectBody if self.tree.options.enable_odirect else FileBody
                    piece = self.tree.options.io_buffer_size or PIECE
                    answer["Body"] = body(thing.take(), offset, length, piece)
                else:
                    answer["Body"] = BytesBody(thing.read(offset, length) if length else b"")
            finally:
                thing.close()
        return answer

    async def head_object(self, **arguments: Any) -> Answer:
        """What GetObject would say, without the body."""
        with os_errors(Key=arguments["Key"]):
            thing = self._find(arguments, body=False)
            try:
                return _describe(arguments, thing)[0]
            finally:
                thing.close()

    def _find(self, arguments: Mapping[str, Any], *, body: bool) -> Found:
        """What is asked for. Raises as `find` does."""
        if "VersionId" not in arguments:
            thing = self.again.find(arguments["Bucket"], arguments["Key"], body=body)
            if thing is not None:
                return thing
        return find(self.tree, arguments, _unread(arguments))


def _unread(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """Attributes that the answer doesn't need: each costs a system call."""
    return () if arguments.get("ChecksumMode") == "ENABLED" else _CHECKSUMS


def _describe(arguments: Mapping[str, Any], thing: Found) -> tuple[Answer, int, int]:
    """The answer to a read without its body, and where the bytes asked for lie: offset and length."""
    answer = thing.state.said(arguments["Key"])
    conditions.check_read(arguments, thing.etag, thing.modified, answer)
    if thing.version:
        answer["VersionId"] = thing.version
    offset, length = 0, thing.size
    number, header = arguments.get("PartNumber"), arguments.get("Range")
    if number is not None:
        offset, length = _part(answer, number, header, thing)
    elif header is not None and (asked := ranges.parse(header, thing.size)) is not None:
        offset, length = asked
        answer["ContentRange"] = ranges.content_range(offset, length, thing.size)
    answer["ContentLength"] = length
    if arguments.get("ChecksumMode") == "ENABLED" and (checksum := properties.checksum_of(thing.attributes)):
        entire = length == thing.size and number is None
        answer |= (checksum if entire else _of_part(checksum, thing, offset, length)).answer()
    return answer, offset, length


def _of_part(whole: Checksum, thing: Found, offset: int, length: int) -> Checksum:
    """The checksum of the part that is exactly what is sent; without a value if none is."""
    sizes = properties.part_sizes(thing.attributes)
    if sizes is None:
        return whole if length == thing.size else Checksum(whole.algorithm, whole.type, "")
    at = parts.part_at(offset, length, sizes)
    if at is None:
        return Checksum(whole.algorithm, whole.type, "")
    algorithm, values = properties.part_checksums(thing.attributes, len(sizes))
    return Checksum(algorithm, whole.type, values[at])


def _part(answer: Answer, number: int, header: str | None, thing: Found) -> tuple[int, int]:
    if header is not None:
        raise S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
    offset, length, count = parts.locate(number, properties.part_sizes(thing.attributes), thing.size)
    if count is not None:
        answer["PartsCount"] = count
    if thing.size:
        answer["ContentRange"] = ranges.content_range(offset, length, thing.size)
    return offset, length
