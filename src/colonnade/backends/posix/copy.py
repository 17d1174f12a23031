"""CopyObject: on one filesystem no body passes through this program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import directories, names, objectacl, objectlock, properties
from colonnade.backends.posix.base import Served, write_check
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import Found, found
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.status import modified
from colonnade.backends.posix.temp import Temp
from colonnade.backends.posix.transfer import copy_range, digest
from colonnade.body import BytesBody
from colonnade.rules import conditions, copies, copysource
from colonnade.rules.checksums import Checksum, Ingest

_METADATA = ("metadata", *(name for member, name in properties.SYSTEM.items() if member != "StorageClass"))


class Copies(Served):
    """CopyObject."""

    async def copy_object(self, **arguments: Any) -> Answer:
        """Copy an object under another key, or under its own with other metadata."""
        where = names.place(arguments["Bucket"], arguments["Key"])
        conditions.check_write_arguments(arguments)
        given = properties.of_write(arguments)
        own = objectlock.of_write(self.tree, arguments) | objectacl.of_write(self.tree, arguments)
        source = copysource.parse(arguments["CopySource"])
        copies.check(arguments, source)
        self.tree.bucket(where.bucket)
        with os_errors(Key=where.key), copies.judged(), found(self.tree, source) as thing:
            conditions.check_copy_source(arguments, thing.etag, thing.modified)
            self.tree.options.check_copy(thing.size)
            attributes = _attributes(arguments, given, thing.attributes) | own
            answer = await self._copy(arguments, where, thing, attributes)
            if thing.version:
                answer["CopySourceVersionId"] = thing.version
            return answer

    async def _copy(
        self, arguments: Mapping[str, Any], where: Where, thing: Found, attributes: dict[str, bytes]
    ) -> Answer:
        check = write_check(arguments)
        if where.directory:
            if thing.size:
                raise directories.contains_data(where)
            ingest = Ingest(_algorithm(arguments, properties.checksum_of(thing.attributes)))
            put = await directories.put(self.tree, where, attributes, ingest, BytesBody(b""), check)
            fd = self.tree.root.open(where.path)
            try:
                return {"CopyObjectResult": put | {"LastModified": modified(os.fstat(fd))}}
            finally:
                os.close(fd)
        with self.tree.temp(where.bucket, thing.size) as temp:
            by_hand = self.tree.options.disable_copy_file_range
            await self.tree.threads.work(copy_range, thing.fd, 0, temp, thing.size, by_hand)
            md5, checksum = await self._sums(arguments, thing, temp)
            etag = self.tree.etags.of_object(temp.fd, md5, checksum)
            attributes |= properties.of_sums(etag, checksum)
            self.tree.attach(where, temp, attributes)
            result: Answer = {"ETag": etag, "LastModified": modified(os.fstat(temp.fd))}
            version = await self.tree.commit(where, temp, check)
        return {"CopyObjectResult": result | (checksum.answer() if checksum else {}), **version}

    async def _sums(self, arguments: Mapping[str, Any], thing: Found, temp: Temp) -> tuple[str, Checksum | None]:
        """ETag and checksum of the copy: the source's, where they are those of the bytes in one upload."""
        kept = properties.checksum_of(thing.attributes)
        etag = thing.attributes.get("etag", b"").decode()
        wanted = str(arguments.get("ChecksumAlgorithm") or "").upper()
        md5 = self.tree.etags.md5
        if kept and kept.type == "FULL_OBJECT" and wanted in ("", kept.algorithm) and (_is_md5(etag) or not md5):
            return etag, kept
        ingest = Ingest(_algorithm(arguments, kept), md5=md5)
        await self.tree.threads.work(digest, temp.fd, temp.size, ingest)
        sums = ingest.finish()
        return sums.etag, sums.checksum


def _algorithm(arguments: Mapping[str, Any], kept: Checksum | None) -> dict[str, str]:
    wanted = arguments.get("ChecksumAlgorithm") or (kept.algorithm if kept else None)
    return {"ChecksumAlgorithm": wanted} if wanted else {}


def _is_md5(etag: str) -> bool:
    """Not that of parts joined, nor one made of another checksum."""
    return len(etag) == 34 and set(etag[1:-1]) <= frozenset("0123456789abcdef")


def _attributes(
    arguments: Mapping[str, Any], given: Mapping[str, bytes], kept: Mapping[str, bytes]
) -> dict[str, bytes]:
    """The copy's attributes: each directive chooses between the source's and the request's.

    Storage class and redirect location are never the source's.
    """
    chosen: dict[str, bytes] = {}
    if arguments.get("MetadataDirective") == "REPLACE":
        chosen |= {name: value for name, value in given.items() if name in _METADATA}
    else:
        chosen |= {name: kept[name] for name in _METADATA if name in kept}
        if metadata := properties.user_metadata(kept):
            chosen["metadata"] = properties.to_json(dict(sorted(metadata.items())))
        chosen.pop("website-redirect-location", None)
    for name in ("website-redirect-location", "colonnade.storage-class"):
        if name in given:
            chosen[name] = given[name]
    tags = given if arguments.get("TaggingDirective") == "REPLACE" else kept
    if properties.TAGS in tags:
        chosen[properties.TAGS] = tags[properties.TAGS]
    return chosen
