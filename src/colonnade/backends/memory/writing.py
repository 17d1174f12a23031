"""PutObject into memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.store import Store
from colonnade.backends.memory.stored import Stored
from colonnade.body import as_body
from colonnade.rules import conditions, lock, metadata, names, objectacl, tagging
from colonnade.rules.checksums import Ingest, Sums


async def take(body: Any, ingest: Ingest) -> tuple[bytes, Sums]:
    """A body to its end, and what its digests are. Raises what the body and the digests raise."""
    source = as_body(body)
    pieces = []
    try:
        async for piece in source:
            ingest.update(piece)
            pieces.append(piece)
    finally:
        await source.aclose()
    return b"".join(pieces), ingest.finish(source.trailers)


class Writing(Store):
    """PutObject."""

    async def put_object(self, **arguments: Any) -> Answer:
        """Store an object. It appears whole, and only if the body is what was promised."""
        bucket, key = self.bucket(arguments["Bucket"]), arguments["Key"]
        names.check_key(key)
        properties = metadata.pick(arguments)
        tags = tagging.parse_header(arguments.get("Tagging", ""))
        kept = lock.of_write(arguments, bucket.lock, lock.moment())
        lock.check_digest(kept, arguments)
        acl = objectacl.of_new(arguments, bucket.ownership)
        ingest = Ingest(arguments)
        conditions.check_write(arguments, bucket.current(key))
        data, sums = await take(arguments.get("Body"), ingest)
        bucket = self.bucket(bucket.name)
        conditions.check_write(arguments, bucket.current(key))
        version = bucket.put(key, Stored(data, sums.etag, sums.checksum, properties, tags, lock=kept, acl=acl))
        return {"ETag": sums.etag, **version, **sums.answer()}
