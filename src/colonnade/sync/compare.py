"""Whether two objects are the same: by ETag or checksum where they have one in common, else by reading both."""

from __future__ import annotations

import asyncio
import hashlib

from colonnade.backend import Answer, Arguments
from colonnade.multi.converge import alike, properties_alike
from colonnade.sync.places import Place


def where(place: Place, key: str) -> Arguments:
    """A key of a place, as operations name it."""
    return {"Bucket": place.bucket, "Key": place.prefix + key}


async def head(place: Place, key: str) -> Answer:
    """What describes an object, checksums included. Raises S3Error."""
    return await place.backend.call("HeadObject", {**where(place, key), "ChecksumMode": "ENABLED"})


async def same(source: Place, target: Place, key: str, ours: Answer, theirs: Answer) -> bool:
    """Whether bytes and properties agree. Sizes alone are never believed."""
    if not properties_alike(ours, theirs):
        return False
    verdict = alike(ours, theirs)
    if verdict is None:
        one, other = await asyncio.gather(digest(source, key, ours), digest(target, key, theirs))
        return one == other
    return verdict


async def digest(place: Place, key: str, described: Answer) -> bytes:
    """The SHA-256 of an object's bytes, read for it. Raises PreconditionFailed if it changed meanwhile."""
    got = await place.backend.call("GetObject", {**where(place, key), "IfMatch": described["ETag"]})
    hasher = hashlib.sha256()
    try:
        async for piece in got["Body"]:
            await asyncio.to_thread(hasher.update, piece)
    finally:
        await got["Body"].aclose()
    return hasher.digest()
