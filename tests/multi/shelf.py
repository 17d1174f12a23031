"""A small backend in memory for the overlay's tests, and a layer that makes one fail as stores do."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.body import Body, StreamBody, as_body
from colonnade.errors import S3Error
from colonnade.multi import Member, Overlay, Role, Timeouts
from colonnade.rules import ranges, tagging
from colonnade.rules.conditions import Current, check_delete, check_read, check_write
from colonnade.rules.copysource import parse
from colonnade.rules.listing import list_objects_v2
from colonnade.rules.listing_twice import list_object_versions
from colonnade.rules.pages import SortedCursor, each

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
PIECE = 4

#: How long a member is waited for that hangs, and any other, however busy the machine is.
SOON, AMPLE = Timeouts(0.2, 0.2), Timeouts(60.0, 60.0)


def missing(code: str) -> S3Error:
    """A 404."""
    return S3Error(code, status=404)


@dataclass
class Thing:
    """A stored object; a delete marker if `data` is None."""

    data: bytes | None
    properties: dict[str, Any]
    tags: list[dict[str, str]] = field(default_factory=list)
    version: str = "null"

    @property
    def etag(self) -> str:
        """The MD5 with its quotes."""
        return f'"{hashlib.md5(self.data or b"").hexdigest()}"'


class Shelf(Backend):
    """Buckets of keys, each with its versions, newest first. `calls` counts what was asked of it."""

    def __init__(self) -> None:
        self.buckets: dict[str, dict[str, list[Thing]]] = {}
        self.versioned: set[str] = set()
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.calls: list[str] = []

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Count and carry out."""
        self.calls.append(operation)
        return await super().call(operation, arguments)

    def bucket(self, name: str) -> dict[str, list[Thing]]:
        """A bucket that must be there."""
        if name not in self.buckets:
            raise missing("NoSuchBucket")
        return self.buckets[name]

    def thing(self, bucket: str, key: str, version: str | None = None) -> Thing:
        """An object that must be there."""
        for thing in self.bucket(bucket).get(key, []):
            if version in (None, thing.version):
                if thing.data is None:
                    raise S3Error("NoSuchKey", status=404, output={"DeleteMarker": True, "VersionId": thing.version})
                return thing
        raise missing("NoSuchVersion" if version else "NoSuchKey")

    async def list_buckets(self, Prefix: str = "", **_: Any) -> Answer:
        """All on one page."""
        names = sorted(name for name in self.buckets if name.startswith(Prefix))
        return {"Buckets": [{"Name": name, "CreationDate": WHEN} for name in names], "Owner": {"ID": "me"}}

    async def create_bucket(self, Bucket: str) -> Answer:
        """Make one."""
        if Bucket in self.buckets:
            raise S3Error("BucketAlreadyOwnedByYou")
        self.buckets[Bucket] = {}
        return {}

    async def head_bucket(self, Bucket: str) -> Answer:
        """HEADs have no body, so this says what a client's library makes of a 404."""
        if Bucket not in self.buckets:
            raise missing("NotFound")
        return {"BucketRegion": "here"}

    async def delete_bucket(self, Bucket: str) -> Answer:
        """Only an empty one."""
        if self.bucket(Bucket):
            raise S3Error("BucketNotEmpty")
        del self.buckets[Bucket]
        return {}

    async def get_bucket_versioning(self, Bucket: str) -> Answer:
        """Enabled or never."""
        self.bucket(Bucket)
        return {"Status": "Enabled"} if Bucket in self.versioned else {}

    async def get_bucket_policy(self, Bucket: str) -> Answer:
        """Everybody has the same."""
        self.bucket(Bucket)
        return {"Policy": "{}"}

    async def put_object(self, Bucket: str, Key: str, Body: Any = b"", **more: Any) -> Answer:
        """Store one, conditions judged."""
        self.bucket(Bucket)
        data = await as_body(Body).read()
        things = self.bucket(Bucket).setdefault(Key, [])
        now = things[0] if things and things[0].data is not None else None
        try:
            check_write(more | {"Key": Key}, Current(now.etag, WHEN, len(now.data or b"")) if now else None)
        except S3Error:
            if not things:
                del self.bucket(Bucket)[Key]
            raise
        kept = {k: v for k, v in more.items() if k in ("Metadata", "ContentType")}
        thing = Thing(data, kept, tagging.parse_header(more["Tagging"]) if more.get("Tagging") else [])
        self._push(Bucket, Key, thing)
        return {"ETag": thing.etag} | ({"VersionId": thing.version} if Bucket in self.versioned else {})

    def _push(self, bucket: str, key: str, thing: Thing) -> None:
        things = self.buckets[bucket].setdefault(key, [])
        if bucket in self.versioned:
            thing.version = f"v{1000 + sum(map(len, self.buckets[bucket].values()))}"
        else:
            things.clear()
        things.insert(0, thing)

    async def head_object(self, Bucket: str, Key: str, VersionId: str | None = None, **more: Any) -> Answer:
        """Everything but the body."""
        thing = self.thing(Bucket, Key, VersionId)
        check_read(more, thing.etag, WHEN, {})
        data = thing.data or b""
        answer = {"ETag": thing.etag, "LastModified": WHEN, "ContentLength": len(data), **thing.properties}
        return answer | ({"TagCount": len(thing.tags)} if thing.tags else {})

    async def get_object(self, Bucket: str, Key: str, Range: str | None = None, **more: Any) -> Answer:
        """In pieces of four bytes."""
        answer = await self.head_object(Bucket, Key, **more)
        data = self.thing(Bucket, Key, more.get("VersionId")).data or b""
        if part := ranges.parse(Range, len(data)):
            answer["ContentRange"] = ranges.content_range(*part, len(data))
            data = data[part[0] : sum(part)]
        return answer | {"ContentLength": len(data), "Body": StreamBody(pieces(data), len(data))}

    async def get_object_tagging(self, Bucket: str, Key: str, **more: Any) -> Answer:
        """The tags."""
        return {"TagSet": self.thing(Bucket, Key, more.get("VersionId")).tags}

    async def put_object_tagging(self, Bucket: str, Key: str, Tagging: dict[str, Any], **_: Any) -> Answer:
        """Replace the tags."""
        self.thing(Bucket, Key).tags = Tagging["TagSet"]
        return {}

    async def copy_object(self, Bucket: str, Key: str, CopySource: Any, **more: Any) -> Answer:
        """Within this shelf."""
        source = parse(CopySource)
        thing = self.thing(source["Bucket"], source["Key"], source.get("VersionId"))
        self.bucket(Bucket)
        self._push(Bucket, Key, Thing(thing.data, thing.properties, thing.tags))
        return {"CopyObjectResult": {"ETag": thing.etag, "LastModified": WHEN}}

    async def delete_object(self, Bucket: str, Key: str, VersionId: str | None = None, **more: Any) -> Answer:
        """Gone, or covered by a delete marker, conditions judged."""
        things = self.bucket(Bucket)
        if more:
            now = self.thing(Bucket, Key, VersionId)
            check_delete(more | {"Key": Key}, Current(now.etag, WHEN, len(now.data or b"")))
        if VersionId is None and Bucket in self.versioned:
            marker = Thing(None, {})
            self._push(Bucket, Key, marker)
            return {"DeleteMarker": True, "VersionId": marker.version}
        left = [thing for thing in things.get(Key, []) if VersionId is not None and thing.version != VersionId]
        things[Key] = left
        if not left:
            del things[Key]
        return {} if VersionId is None else {"VersionId": VersionId}

    async def list_objects_v2(self, **arguments: Any) -> Answer:
        """What a real one says."""
        things = sorted(self.bucket(arguments["Bucket"]).items())
        cursor = SortedCursor.of((key, all_[0]) for key, all_ in things if all_[0].data is not None)
        return list_objects_v2(arguments, cursor, each(lambda key, thing: {"Key": key, "ETag": thing.etag}))

    async def list_object_versions(self, **arguments: Any) -> Answer:
        """Every version."""
        things = sorted(self.bucket(arguments["Bucket"]).items())
        cursor = SortedCursor.of((key, (thing, at == 0)) for key, all_ in things for at, thing in enumerate(all_))

        def line(key: str, item: tuple[Thing, bool]) -> dict[str, Any]:
            thing, latest = item
            entry = {"Key": key, "VersionId": thing.version, "IsLatest": latest}
            return entry if thing.data is None else entry | {"Size": len(thing.data)}

        return list_object_versions(arguments, cursor, line, lambda item: item[0].version)

    async def create_multipart_upload(self, Bucket: str, Key: str, **_: Any) -> Answer:
        """Begin."""
        self.bucket(Bucket)
        self.uploads["u1"] = {}
        return {"UploadId": "u1"}

    async def upload_part(self, Bucket: str, UploadId: str, PartNumber: int, Body: Any, **_: Any) -> Answer:
        """Keep a part."""
        self.bucket(Bucket)
        data = self.uploads[UploadId][PartNumber] = await as_body(Body).read()
        return {"ETag": Thing(data, {}).etag}

    async def upload_part_copy(self, CopySource: Any, **_: Any) -> Answer:
        """Only ever of what isn't here."""
        source = parse(CopySource)
        self.thing(source["Bucket"], source["Key"])
        raise AssertionError("copied within the shelf")


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    """Bytes in small pieces."""
    for at in range(0, len(data), PIECE):
        yield data[at : at + PIECE]


class Faulty(Layer):
    """Fails as `fault` says: refuse, hang, error (a 500), forbidden, or a body that breaks at `first`, `later`.

    The `member` that it is has ample time, unless it hangs.
    """

    member: Member | None = None

    def __init__(self, inner: Backend) -> None:
        super().__init__(inner)
        self._fault = ""

    @property
    def fault(self) -> str:
        """What goes wrong; nothing if empty."""
        return self._fault

    @fault.setter
    def fault(self, fault: str) -> None:
        self._fault = fault
        if self.member is not None:
            self.member.timeouts = SOON if fault == "hang" else AMPLE

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Fail, or break the body."""
        if self.fault == "refuse":
            raise ConnectionRefusedError("connection refused")
        if self.fault == "hang":
            await asyncio.sleep(600)
        if self.fault == "error":
            raise S3Error("InternalError")
        if self.fault == "forbidden":
            raise S3Error("AccessDenied")
        answer = await self.inner.call(operation, arguments)
        if self.fault in ("first", "later") and isinstance(answer.get("Body"), Body):
            answer["Body"] = StreamBody(broken(answer["Body"], self.fault == "later"), answer["Body"].length)
        return answer


async def broken(body: Body, later: bool) -> AsyncIterator[bytes]:
    """One piece at most, then the connection is reset."""
    if later:
        async for piece in body:
            yield piece
            break
    raise ConnectionResetError("connection reset")


class Tower:
    """An overlay of faulty shelves, `names` upper first."""

    def __init__(self, *names: str, **options: Any) -> None:
        self.shelves = {name: Shelf() for name in names}
        self.faults = {name: Faulty(shelf) for name, shelf in self.shelves.items()}
        roles = [Role.PRIMARY] + [Role.FALLBACK] * (len(names) - 1)
        self.members = [
            Member(name, self.faults[name], role, timeouts=AMPLE) for name, role in zip(names, roles, strict=True)
        ]
        for member in self.members:
            self.faults[member.name].member = member
        self.overlay = Overlay(self.members, **options)

    def store(self, name: str, bucket: str, **objects: bytes | str) -> None:
        """Put objects straight onto a shelf."""
        self.put(name, bucket, {key: as_bytes(data) for key, data in objects.items()})

    def put(self, name: str, bucket: str, objects: dict[str, bytes]) -> None:
        """Put objects with any keys straight onto a shelf."""
        things = self.shelves[name].buckets.setdefault(bucket, {})
        things.update({key: [Thing(data, {"Metadata": {"of": name}}, [])] for key, data in objects.items()})

    async def call(self, operation: str, **arguments: Any) -> Answer:
        """Ask the overlay."""
        return await self.overlay.call(operation, arguments)

    async def code(self, operation: str, **arguments: Any) -> str:
        """Ask the overlay and give the code of the error, "" if there was none."""
        try:
            answer = await self.call(operation, **arguments)
        except S3Error as error:
            return error.code
        if isinstance(answer.get("Body"), Body):
            await answer["Body"].aclose()
        return ""

    async def read(self, bucket: str, key: str, **more: Any) -> bytes:
        """An object's bytes."""
        body: Body = (await self.call("GetObject", Bucket=bucket, Key=key, **more))["Body"]
        return await body.read()

    async def keys(self, bucket: str, size: int = 1000, **more: Any) -> list[str]:
        """All keys and common prefixes, listed in pages."""
        found: list[str] = []
        while True:
            page = await self.call("ListObjectsV2", Bucket=bucket, MaxKeys=size, **more)
            lines = [entry["Key"] for entry in page.get("Contents", ())]
            lines += [entry["Prefix"] for entry in page.get("CommonPrefixes", ())]
            assert len(lines) == page["KeyCount"] <= size
            found += sorted(lines)
            if not page["IsTruncated"]:
                return found
            more["ContinuationToken"] = page["NextContinuationToken"]


def as_bytes(data: bytes | str) -> bytes:
    """Text or bytes."""
    return data.encode() if isinstance(data, str) else data
