"""Versions of objects, uploads and parts, as memory holds them."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from colonnade import context
from colonnade.rules.acl import Acl
from colonnade.rules.checksums import Checksum
from colonnade.rules.conditions import Current
from colonnade.rules.lock import FREE, Lock
from colonnade.rules.multipart import Part, Promise
from colonnade.rules.tagging import Tag
from colonnade.rules.versions import NULL


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
    """A version of an object. `parts` is None unless it came out of the multipart upload `upload_id`."""

    data: bytes
    etag: str
    checksum: Checksum
    properties: dict[str, Any]
    tags: list[Tag] = field(default_factory=list)
    parts: tuple[Part, ...] | None = None
    upload_id: str = ""
    last_modified: datetime = field(default_factory=now)
    lock: Lock = FREE
    acl: Acl | None = None
    version: str = NULL
    #: Whether it says that the key was deleted, and is nothing else.
    marker: bool = False

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
    acl: Acl | None
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
