"""CopyObject in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Store
from colonnade.backends.memory.stored import Stored
from colonnade.rules import conditions, copies, copysource, lock, metadata, names, objectacl, tagging
from colonnade.rules.checksums import Ingest


class Copying(Store):
    """CopyObject."""

    async def copy_object(self, **arguments: Any) -> Answer:
        """Make a new object out of another's bytes: its ETag is their MD5, however the source was uploaded."""
        bucket, key = self.bucket(arguments["Bucket"]), arguments["Key"]
        names.check_key(key)
        kept = lock.of_write(arguments, bucket.lock, lock.moment())
        acl = objectacl.of_new(arguments, bucket.ownership)
        source = copysource.parse(arguments["CopySource"])
        copies.check(arguments, source)
        found, said = self.source(source)
        conditions.check_copy_source(arguments, found.etag, found.last_modified)
        conditions.check_write(arguments, bucket.current(key))
        properties = metadata.pick(copies.properties(arguments, found.properties))
        replace = arguments.get("TaggingDirective") == "REPLACE"
        tags = tagging.parse_header(arguments.get("Tagging", "")) if replace else found.tags
        ingest = Ingest(copies.summed_as(arguments), default=found.checksum.algorithm)
        ingest.update(found.data)
        sums = ingest.finish()
        stored = Stored(found.data, sums.etag, sums.checksum, properties, tags, lock=kept, acl=acl)
        said |= bucket.put(key, stored)
        result = {"ETag": sums.etag, "LastModified": stored.last_modified, **sums.answer()}
        return {"CopyObjectResult": result, **said}
