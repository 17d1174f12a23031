"""Giving one backend an object that another has: body, metadata, tags, checksums, and its parts as they were.

The one mechanism behind copy-up, replicas and sync. Both ends are reached through a call of their own, so that
a member, a whole overlay or a bare backend may stand on either side.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.rules.metadata import SYSTEM

Call = Callable[[str, Arguments], Awaitable[Answer]]

#: What an object has beside its body, as GetObject answers and PutObject takes it. Storage class and redirect are
#: the layer's own, and S3 doesn't copy them either.
PROPERTIES = (*(name for name in SYSTEM if name not in ("StorageClass", "WebsiteRedirectLocation")), "Metadata")
#: What only completes an upload, when it is done in parts: the conditions of a write.
CONDITIONS = ("IfMatch", "IfNoneMatch")
#: The most bytes that S3 takes in one PutObject.
MOST = 5 * 1024**3
#: The most parts that an object has.
MOST_PARTS = 10_000
#: Bytes in a part where the source can't tell what its own were: 10,000 of them hold S3's largest object.
PART = 640 * 1024**2

#: The ETag of an object of parts; other ETags may end in a dash and digits too.
_PARTS = re.compile(r'"?[0-9a-f]{32}-([1-9]\d{0,4})"?')


@dataclass(frozen=True, slots=True)
class Kept:
    """What comes along beside the body: metadata, tags, and whether parts stay the parts they were (and the ETag)."""

    properties: bool = True
    tags: bool = True
    parts: bool = True


class Uploads:
    """Remembers nothing: an upload in parts that breaks off is aborted. A journal remembers, and goes on."""

    def resume(self) -> str | None:
        """The id of an upload that was begun for this object before."""
        return None

    def begun(self, upload: str) -> None:
        """An upload was begun."""

    def ended(self) -> None:
        """It is completed or aborted."""

    def keeps(self) -> bool:
        """Whether an upload that breaks off is to stay, to be gone on with."""
        return False


async def transfer(
    read: Call,
    write: Call,
    source: Mapping[str, Any],
    head: Answer,
    put: Arguments,
    kept: Kept | None = None,
    uploads: Uploads | None = None,
) -> tuple[Answer, Answer]:
    """Write the object `source` (Bucket, Key, perhaps VersionId) that `head` describes with the arguments `put`.

    Returns what the write answered, and what describes the source. Raises S3Error; PreconditionFailed also if the
    source changed meanwhile.
    """
    kept = kept or Kept()
    asked = {**source, "IfMatch": head["ETag"], "ChecksumMode": "ENABLED"}
    if kept.tags:
        put = {**put, **await tags(read, source, head)}
    pieces = _pieces(head, parts=kept.parts)
    if pieces is not None:
        return await _InParts(read, write, asked, head, uploads or Uploads()).run(put, kept, pieces), head
    got = await read("GetObject", asked)
    try:
        put = {**put, "Body": got["Body"], "ContentLength": got["ContentLength"]}
        if kept.properties:
            put |= properties(got)
        if "ChecksumAlgorithm" not in put:
            put |= checksum(got)
        return await write("PutObject", put), got
    finally:
        await got["Body"].aclose()


def properties(answer: Answer) -> dict[str, Any]:
    """Metadata and system properties of an object, as PutObject takes them."""
    return {name: answer[name] for name in PROPERTIES if name in answer}


async def tags(read: Call, source: Mapping[str, Any], head: Answer) -> dict[str, str]:
    """The source's tags as PutObject takes them; HeadObject may be silent about their number."""
    if head.get("TagCount") == 0:
        return {}
    try:
        answer = await read("GetObjectTagging", dict(source))
    except S3Error as error:
        if error.code in ("NotImplemented", "NoSuchTagSet"):
            return {}
        raise
    pairs = [(tag["Key"], tag["Value"]) for tag in answer.get("TagSet", ())]
    return {"Tagging": urlencode(pairs)} if pairs else {}


def checksum(answer: Answer) -> dict[str, str]:
    """The checksum of a whole object, to be verified and kept; one of parts ("…-3") says nothing of the whole."""
    if answer.get("ChecksumType") == "COMPOSITE":
        return {}
    found = {name: answer[name] for name in answer if name.startswith("Checksum") and name != "ChecksumType"}
    return {name: value for name, value in list(found.items())[:1] if "-" not in value}


def _pieces(head: Answer, *, parts: bool) -> list[dict[str, Any]] | None:
    """What to ask GetObject for, part by part; None for an object that goes in one piece."""
    match = _PARTS.fullmatch(head["ETag"])
    if parts and match and int(match[1]) <= MOST_PARTS:
        return [{"PartNumber": number} for number in range(1, int(match[1]) + 1)]
    size = head["ContentLength"]
    if size <= MOST:
        return None
    return [{"Range": f"bytes={at}-{min(at + PART, size) - 1}"} for at in range(0, size, PART)]


class _InParts:
    """An object on its way in parts."""

    def __init__(self, read: Call, write: Call, asked: Mapping[str, Any], head: Answer, uploads: Uploads) -> None:
        self.read = read
        self.write = write
        self.asked = asked
        self.head = head
        self.uploads = uploads

    async def run(self, put: Arguments, kept: Kept, pieces: list[dict[str, Any]]) -> Answer:
        """All of them, and their completion; conditions are judged then."""
        head = self.head
        conditions = {name: put[name] for name in CONDITIONS if name in put}
        algorithm = put.get("ChecksumAlgorithm") or _algorithm(head)
        summed = {"ChecksumAlgorithm": algorithm} if algorithm else {}
        kind = {"ChecksumType": head["ChecksumType"]} if summed and "ChecksumType" in head else {}
        create = {k: v for k, v in put.items() if k not in conditions and not k.startswith("Checksum")}
        if kept.properties:
            create |= properties(head)
        upload, there = await self._begin({name: put[name] for name in ("Bucket", "Key")}, create | summed | kind)
        each = summed if head.get("ChecksumType") == "COMPOSITE" else {}
        try:
            done = [
                there.get(number) or await self._part({**self.asked, **piece}, {**upload, "PartNumber": number, **each})
                for number, piece in enumerate(pieces, 1)
            ]
            whole = checksum(head) if kind.get("ChecksumType") == "FULL_OBJECT" else {}
            complete = {**upload, "MultipartUpload": {"Parts": done}, **conditions, **whole, **kind}
            answer = await self.write("CompleteMultipartUpload", complete)
        except BaseException as error:
            refused = isinstance(error, S3Error) and error.status < 500
            if refused or not self.uploads.keeps():
                with contextlib.suppress(S3Error):
                    await self.write("AbortMultipartUpload", upload)
                self.uploads.ended()
            raise
        self.uploads.ended()
        return answer

    async def _begin(
        self, where: Mapping[str, Any], create: Arguments
    ) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
        """The upload, gone on with or new, and the parts of it that are there already."""
        begun = self.uploads.resume()
        if begun is not None:
            upload = {**where, "UploadId": begun}
            with contextlib.suppress(S3Error):
                return upload, await self._there(upload)
        upload = {**where, "UploadId": (await self.write("CreateMultipartUpload", create))["UploadId"]}
        self.uploads.begun(upload["UploadId"])
        return upload, {}

    async def _there(self, upload: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
        found: dict[int, dict[str, Any]] = {}
        asked = dict(upload)
        while True:
            page = await self.write("ListParts", asked)
            found |= {part["PartNumber"]: _listed(part) for part in page.get("Parts", ())}
            if not page.get("IsTruncated"):
                return found
            asked["PartNumberMarker"] = page["NextPartNumberMarker"]

    async def _part(self, asked: Arguments, part: Arguments) -> dict[str, Any]:
        got = await self.read("GetObject", asked)
        try:
            stored = await self.write(
                "UploadPart", {**part, "Body": got["Body"], "ContentLength": got["ContentLength"]}
            )
        finally:
            await got["Body"].aclose()
        return _listed({**stored, "PartNumber": part["PartNumber"]})


def _listed(part: Mapping[str, Any]) -> dict[str, Any]:
    """A part as CompleteMultipartUpload names it."""
    sums = {name: part[name] for name in part if name.startswith("Checksum") and name != "ChecksumType"}
    return {"PartNumber": part["PartNumber"], "ETag": part["ETag"], **sums}


def _algorithm(head: Answer) -> str | None:
    names = (name for name in head if name.startswith("Checksum") and name != "ChecksumType")
    return next((name.removeprefix("Checksum") for name in names), None)
