"""UploadPart, UploadPartCopy and ListParts."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import found, names, uploads
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.receive import receive
from colonnade.backends.posix.status import modified
from colonnade.backends.posix.temp import Temp
from colonnade.backends.posix.transfer import copy_range, digest
from colonnade.backends.posix.tree import Tree, close
from colonnade.backends.posix.uploads import Upload
from colonnade.body import as_body
from colonnade.errors import S3Error
from colonnade.rules import checksums, conditions, copies, copysource, multipart, ranges
from colonnade.rules.checksums import Checksum, Ingest, Sums
from colonnade.rules.multipart import Part, Promise
from colonnade.rules.pages import Entry
from colonnade.rules.parts import page


class Parts(Served):
    """The operations on parts of an upload."""

    async def upload_part(self, **arguments: Any) -> Answer:
        """Keep a part; one with the same number is replaced."""
        where = names.place(arguments["Bucket"], arguments["Key"])
        with os_errors(Key=where.key):
            async with uploads.written(self.tree, where, arguments["UploadId"]) as upload:
                return await self._upload(arguments, upload)

    async def _upload(self, arguments: Mapping[str, Any], upload: Upload) -> Answer:
        multipart.check_part(arguments, upload.promise, self.tree.options.mp_max_parts)
        etags, used = self.tree.etags, upload.promise.used
        ingest = Ingest(arguments, default=used, also=(used, *etags.part_sums), md5=etags.md5_of_parts)
        body = as_body(arguments.get("Body"))
        with self.tree.temp(upload.where.bucket, body.length) as temp:
            await receive(body, ingest, temp, self.tree.threads, self.tree.options)
            sums = ingest.finish(body.trailers)
            etag = await self._keep(upload, arguments["PartNumber"], temp, sums)
        return {"ETag": etag, **sums.part_answer()}

    async def upload_part_copy(self, **arguments: Any) -> Answer:
        """Keep a part that is a piece of an object: digested here, copied by the filesystem."""
        where = names.place(arguments["Bucket"], arguments["Key"])
        source = copysource.parse(arguments["CopySource"])
        multipart.check_number(arguments["PartNumber"], self.tree.options.mp_max_parts)
        with os_errors(Key=where.key):
            async with uploads.written(self.tree, where, arguments["UploadId"]) as upload:
                return await self._upload_copy(arguments, upload, source)

    async def _upload_copy(self, arguments: Mapping[str, Any], upload: Upload, source: Mapping[str, Any]) -> Answer:
        with copies.judged(), found.found(self.tree, source) as thing, self.tree.temp(upload.where.bucket) as temp:
            conditions.check_copy_source(arguments, thing.etag, thing.modified)
            offset, length = ranges.parse_copy(arguments.get("CopySourceRange"), thing.size)
            self.tree.options.check_copy(length)
            etags = self.tree.etags
            ingest = Ingest({}, default=upload.promise.used, also=etags.part_sums, md5=etags.md5_of_parts)
            by_hand = self.tree.options.disable_copy_file_range
            await self.tree.threads.work(copy_range, thing.fd, offset, temp, length, by_hand)
            await self.tree.threads.work(digest, temp.fd, length, ingest)
            sums = ingest.finish()
            etag = await self._keep(upload, arguments["PartNumber"], temp, sums)
            result = {"ETag": etag, "LastModified": modified(os.fstat(temp.fd))}
            told = {"CopySourceVersionId": thing.version} if thing.version else {}
        return {"CopyPartResult": {**result, **sums.part_answer()}, **told}

    async def _keep(self, upload: Upload, number: int, temp: Temp, sums: Sums) -> str:
        """Put a written part in its place, unless the upload has ended meanwhile. Returns its ETag."""
        etag = self.tree.etags.of_part(sums.etag, sums.values)
        values = {"etag": etag.encode(), **_checksum(upload.promise, sums)}
        path = f"{upload.path}/{number}"
        self.tree.store.write(temp, upload.where, path, values, durable=self.tree.options.fsync)
        if self.tree.options.fsync:
            await self.tree.sync.files(temp.descriptors)

        def put() -> list[int]:
            try:
                there = os.stat(self.tree.root.at(upload.path))
            except FileNotFoundError as error:
                raise S3Error("NoSuchUpload", UploadId=upload.id) from error
            if there.st_ino != os.fstat(upload.fd).st_ino:
                raise S3Error("NoSuchUpload", UploadId=upload.id)
            changed: list[int] = []
            try:
                self.tree.store.place(temp, upload.where.bucket, upload.fd, path, changed)
                changed.append(os.dup(upload.fd))
            except BaseException:
                close(changed)
                raise
            return changed

        await self.tree.flushed(await self.tree.locks.holding(upload.where.bucket, upload.path, put, close))
        return etag

    async def list_parts(self, **arguments: Any) -> Answer:
        """One page of an upload's parts."""
        where = names.place(arguments["Bucket"], arguments["Key"])
        with os_errors(Key=where.key), uploads.found(self.tree, where, arguments["UploadId"]) as upload:
            kept = await self.tree.threads.work(uploads.numbers, upload)
            shown, answer = page(kept, arguments.get("PartNumberMarker"), arguments.get("MaxParts"))
            rows = [_row(self.tree, upload, number) for number in kept[shown]]
            if found_rows := [row for row in rows if row is not None]:
                answer["Parts"] = found_rows
            who = {"ID": upload.initiator, "DisplayName": upload.initiator}
            return {
                "Bucket": where.bucket,
                "Key": where.key,
                "UploadId": upload.id,
                "Initiator": who,
                "Owner": who,
                "StorageClass": upload.attributes.get("colonnade.storage-class", b"STANDARD").decode(),
                **promised(upload.promise),
                **answer,
            }


def promised(promise: Promise) -> dict[str, str]:
    """What an upload says of its checksum; nothing if it named none."""
    if promise.algorithm is None or promise.type is None:
        return {}
    return {"ChecksumAlgorithm": promise.algorithm, "ChecksumType": promise.type}


def part_checksum(part: Part, promise: Promise) -> Mapping[str, str]:
    """A part's checksum in an answer."""
    return {checksums.ALGORITHMS[promise.used].argument: part.checksum} if part.checksum else {}


def _row(tree: Tree, upload: Upload, number: int) -> Entry | None:
    kept = uploads.part(tree, upload, number)
    if kept is None:
        return None
    part, moment = kept
    return {
        "PartNumber": part.number,
        "LastModified": moment,
        "ETag": part.etag,
        "Size": part.size,
        **part_checksum(part, upload.promise),
    }


def _checksum(promise: Promise, sums: Sums) -> dict[str, bytes]:
    value = sums.values[promise.used]
    if promise.algorithm is None:
        return {"part-crc64nvme": value.encode()}
    return {"checksums": checksums.to_json(Checksum(promise.algorithm, "", value))}
