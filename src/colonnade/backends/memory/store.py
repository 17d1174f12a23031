"""What is kept in memory, and how it is looked up."""

from __future__ import annotations

import secrets
import time
from bisect import bisect_left, insort
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from colonnade import context
from colonnade.backend import Backend
from colonnade.errors import S3Error
from colonnade.rules import names
from colonnade.rules.checksums import Checksum
from colonnade.rules.conditions import Current
from colonnade.rules.lock import FREE, Lock, check_removal, moment
from colonnade.rules.multipart import Part, Promise
from colonnade.rules.tagging import Tag
from colonnade.rules.versions import check_never_versioned


def now() -> datetime:
    """The time in whole seconds, which is as fine as S3 tells it."""
    return datetime.now(UTC).replace(microsecond=0)


def owner(access: str | None = None) -> dict[str, str]:
    """An Owner: the given access key's or the caller's, empty without one."""
    if access is None:
        account = context.caller()
        access = account.access if account else ""
    return {"ID": access, "DisplayName": access}


@dataclass(frozen=True, slots=True)
class Stored:
    """An object. `parts` is None unless it came out of the multipart upload `upload_id`."""

    data: bytes
    etag: str
    checksum: Checksum
    properties: dict[str, Any]
    tags: list[Tag] = field(default_factory=list)
    parts: tuple[Part, ...] | None = None
    upload_id: str = ""
    last_modified: datetime = field(default_factory=now)
    lock: Lock = FREE

    @property
    def current(self) -> Current:
        """What conditions are judged by."""
        return Current(self.etag, self.last_modified, len(self.data))

    @property
    def storage_class(self) -> str:
        """STANDARD unless the client said otherwise."""
        return str(self.properties.get("StorageClass", "STANDARD"))


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part that waits to become one of an object."""

    part: Part
    data: bytes
    last_modified: datetime = field(default_factory=now)


@dataclass(slots=True)
class Upload:
    """A multipart upload under way. Ids rise with time, the order S3 lists uploads of one key in."""

    key: str
    promise: Promise
    properties: dict[str, Any]
    tags: list[Tag]
    lock: Lock
    owner: dict[str, str] = field(default_factory=owner)
    id: str = field(default_factory=lambda: f"{time.time_ns():016x}{secrets.token_hex(16)}")
    initiated: datetime = field(default_factory=now)
    parts: dict[int, StoredPart] = field(default_factory=dict)
    #: When, on the monotonic clock, it began or last got a part, and how many are coming in.
    touched: float = field(default_factory=time.monotonic)
    writers: int = 0

    @contextmanager
    def written(self) -> Iterator[None]:
        """While a part comes in, it isn't abandoned."""
        self.writers += 1
        try:
            yield
        finally:
            self.writers -= 1
            self.touched = time.monotonic()


class Bucket:
    """A bucket: its objects by key, the keys in order beside them, its uploads by id, and its configurations."""

    def __init__(self, name: str, location: str | None, configurations: dict[str, Any]) -> None:
        self.name = name
        self.location = location
        self.configurations = configurations
        self.created = now()
        #: Another one whenever a configuration is.
        self.stamp = object()
        self.objects: dict[str, Stored] = {}
        self.keys: list[str] = []
        self.uploads: dict[str, Upload] = {}

    def put(self, key: str, stored: Stored) -> None:
        """Make an object visible in one step."""
        if key not in self.objects:
            insort(self.keys, key)
        self.objects[key] = stored

    @property
    def owner(self) -> dict[str, str]:
        """Whose it is, as its ACL has it."""
        found: dict[str, str] = self.configurations["acl"]["Owner"]
        return found

    @property
    def lock(self) -> Any:
        """Its Object Lock configuration, None without one."""
        return self.configurations.get("lock")

    def check_unlocked(self, key: str, *, bypass: bool = False) -> None:
        """Refuse to remove or replace what is locked; `bypass` passes over governance. Raises AccessDenied."""
        stored = self.objects.get(key)
        if stored is not None and stored.lock != FREE:
            check_removal(stored.lock, moment(), bypass=bypass)

    def remove(self, key: str) -> None:
        """Forget an object, if it is there."""
        if self.objects.pop(key, None) is not None:
            del self.keys[bisect_left(self.keys, key)]

    def current(self, key: str) -> Current | None:
        """What a key holds, None for nothing."""
        stored = self.objects.get(key)
        return stored.current if stored else None

    def upload(self, upload_id: str, key: str) -> Upload:
        """An upload under way. Raises NoSuchUpload."""
        upload = self.uploads.get(upload_id)
        if upload is None or upload.key != key:
            raise S3Error("NoSuchUpload", UploadId=upload_id)
        return upload


class Store(Backend):
    """What all rooms of the backend stand on.

    `block_public_access` gives new buckets a public access block; uploads that got no part for `expire_uploads`
    seconds are cleared away, unless that is 0.
    """

    def __init__(self, *, block_public_access: bool = False, expire_uploads: int = 0) -> None:
        super().__init__()
        self.block_public_access = block_public_access
        self.expire_uploads = expire_uploads
        self.buckets: dict[str, Bucket] = {}

    def bucket(self, name: str) -> Bucket:
        """A bucket. Raises NoSuchBucket."""
        found = self.buckets.get(name)
        if found is None:
            raise S3Error("NoSuchBucket", BucketName=name)
        return found

    def stored(self, bucket: str, key: str, version_id: str | None = None) -> Stored:
        """An object. Raises NoSuchBucket, NoSuchKey, and for version ids what `rules.versions` raises."""
        objects = self.bucket(bucket).objects
        names.check_key(key)
        check_never_versioned(version_id, key)
        found = objects.get(key)
        if found is None:
            if version_id is not None:
                raise S3Error("NoSuchVersion", Key=key, VersionId=version_id)
            raise S3Error("NoSuchKey", Key=key)
        return found
