"""Delete markers: small hidden objects in the primary that say which keys of the lower layers are deleted.

The marker of a key lies in the same bucket, under a prefix that no client can reach, and its name is the key
in hex: so markers are in the order of their keys, those of a prefix have a prefix, and on a plain directory
the marker of ``a`` never stands in the way of the one of ``a/b``. See docs/decisions on delete markers.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from typing import Any

from colonnade.backend import Arguments
from colonnade.errors import S3Error
from colonnade.multi.members import Kind, Member

#: Keys that are ours in every bucket: hidden from clients, in listings and by name.
RESERVED = ".colonnade/"
#: Sorts behind every key of ours, so that a listing can leap over them.
BEHIND_RESERVED = RESERVED + "~"

PREFIX = RESERVED + "deleted/"
#: Hex digits to a path segment: file systems hold 255 bytes in one.
SEGMENT = 200
#: Longer keys (in bytes of UTF-8) can't be written out within S3's 1,024 bytes for a key.
LONGEST = 480
#: So much of a longer key is written out, the rest is a digest.
KEPT = 440


def reserved(key: str) -> bool:
    """Whether a key is one of ours, that no client may see."""
    return key.startswith(RESERVED)


def begin(prefix: str) -> str:
    """What the markers of all keys with `prefix` begin with."""
    return PREFIX + _segments(prefix.encode()[:KEPT].hex())


def name(key: str) -> str:
    """The key of the marker of `key`."""
    data = key.encode()
    if len(data) <= LONGEST:
        return PREFIX + _segments(data.hex()) + "."
    return f"{PREFIX}{_segments(data[:KEPT].hex())}/{hashlib.sha256(data).hexdigest()}~"


def is_long(key: str) -> bool:
    """Whether the marker of `key` doesn't tell its key, so that it must be looked up by name."""
    return len(key.encode()) > LONGEST


def key_of(marker: str) -> str | None:
    """The key that a marker is of, None where the name does not tell."""
    if not marker.endswith("."):
        return None
    try:
        return bytes.fromhex(marker[len(PREFIX) : -1].replace("/", "")).decode()
    except ValueError:
        return None


def beginning_of(marker: str) -> str:
    """The part of a long key that its marker tells, empty for a name that is no marker's."""
    digits = marker[len(PREFIX) :].rpartition("/")[0].replace("/", "")
    try:
        return bytes.fromhex(digits).decode(errors="ignore")
    except ValueError:
        return ""


def _segments(digits: str) -> str:
    return "/".join(digits[at : at + SEGMENT] for at in range(0, len(digits), SEGMENT))


#: What a marker has as its metadata that concerns replicas only.
COVER = {"for": "replicas"}


def note(text: str) -> bytes:
    """The body of a marker or tombstone. No two are alike, so that one can be taken away and not the next one."""
    return json.dumps({"of": text, "nonce": secrets.token_hex(8)}).encode()


def read_note(body: bytes) -> str:
    """What a marker is of."""
    return str(json.loads(body)["of"])


class Markers:
    """The delete markers of all buckets of the primary."""

    def __init__(self, primary: Member) -> None:
        self.primary = primary

    async def holds(self, bucket: str, key: str) -> bool:
        """Whether there is a marker for a key. Raises ServiceUnavailable if the primary can't be asked."""
        outcome = await self.primary.ask("HeadObject", self.at(bucket, key))
        if outcome.kind is Kind.ABSENT:
            return False
        outcome.take()
        return True

    async def write(self, bucket: str, key: str) -> None:
        """Mark a key as deleted. The bucket must be there. The marker holds the key, for what comes to tidy up."""
        await self.primary.demand("PutObject", {**self.at(bucket, key), "Body": note(key)})

    async def cover(self, bucket: str, key: str) -> None:
        """Hide what replicas may still have of a key whose versions go, unless there is a marker already.

        It goes as soon as they are in line; what fallbacks have of the key is not deleted.
        """
        if not await self.holds(bucket, key):
            arguments = {**self.at(bucket, key), "Body": note(key), "Metadata": dict(COVER)}
            await self.primary.demand("PutObject", arguments)

    def at(self, bucket: str, key: str) -> Arguments:
        """Where the marker of a key lies."""
        return {"Bucket": bucket, "Key": name(key)}

    async def clear(self, bucket: str) -> None:
        """Remove everything of ours from a bucket that is going to be deleted."""
        asked = {"Bucket": bucket, "Prefix": RESERVED}
        while True:
            outcome = await self.primary.ask("ListObjectVersions", asked)
            if outcome.code == "NotImplemented":
                outcome = await self.primary.ask("ListObjectsV2", asked)
            page = outcome.take()
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ()), *page.get("Contents", ())]
            if not found:
                return
            await asyncio.gather(*(self._remove(bucket, entry) for entry in found))

    async def _remove(self, bucket: str, entry: dict[str, Any]) -> None:
        arguments = {"Bucket": bucket, "Key": entry["Key"]}
        if "VersionId" in entry:
            # Without it a versioned bucket would only be given a delete marker more.
            arguments["VersionId"] = entry["VersionId"]
        outcome = await self.primary.ask("DeleteObject", arguments)
        if outcome.kind is not Kind.ABSENT:
            outcome.take()


def refuse_reserved(key: str, *, writes: bool) -> None:
    """Keep clients away from our keys: to readers they aren't there, to writers they are forbidden."""
    if reserved(key):
        if writes:
            raise S3Error("AccessDenied", f"Keys that begin with {RESERVED} are reserved.", status=403)
        raise S3Error("NoSuchKey", status=404, Key=key)
