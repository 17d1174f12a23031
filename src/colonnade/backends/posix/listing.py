"""The listings of objects: the walk of the tree, and what an entry says, read only for the page."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Protocol

from colonnade.backend import Answer
from colonnade.backends.posix import objectacl
from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.glance import Glance
from colonnade.backends.posix.listed import Listed, ReplacedError
from colonnade.backends.posix.occupied import Occupied
from colonnade.backends.posix.snapshots import Names, Snapshots
from colonnade.backends.posix.tree import CLASSES
from colonnade.backends.posix.walk import Walk
from colonnade.errors import S3Error
from colonnade.rules.listing import list_objects, list_objects_v2
from colonnade.rules.pages import Describe, Entry

#: How often a file is looked at that is always being replaced.
_LOOKS = 100

#: A directory file of more bytes than this (some thousands of names) is read in a thread.
LARGE = 256 * 1024


class Attributes(Protocol):
    """What a listing needs of a metadata store."""

    #: See `meta.Store`.
    in_inode: bool

    def get(self, path: str, name: str) -> bytes | None:
        """An attribute by its name without ``user.``; None where it or the file is absent."""


class Listings:
    """ListObjects and ListObjectsV2 over directories.

    `bucket` gives the path of a bucket's directory and raises NoSuchBucket.
    """

    def __init__(
        self,
        bucket: Callable[[str], str],
        attributes: Attributes,
        etags: ETags,
        snapshots: Snapshots | None = None,
        work: Callable[..., Awaitable[Any]] = asyncio.to_thread,
        glance: Glance | None = None,
    ) -> None:
        self._bucket = bucket
        self._attributes = attributes
        self._listed = Listed(attributes.get, etags, remember=attributes.in_inode, glance=glance)
        self._snapshots = snapshots or Snapshots()
        self._occupied = Occupied()
        self._work = work

    async def list_objects(self, **arguments: Any) -> Answer:
        """One page, owners always named."""
        path = self._bucket(arguments["Bucket"])
        marked = self._marked(path)
        lines = self._lines(path, self._owner(path), marked)
        return list_objects(arguments, await self._walk(path, arguments, marked), lines)

    async def list_objects_v2(self, **arguments: Any) -> Answer:
        """One page, owners named where FetchOwner asks for them."""
        path = self._bucket(arguments["Bucket"])
        marked = self._marked(path)
        lines = self._lines(path, self._owner(path) if arguments.get("FetchOwner") else None, marked)
        return list_objects_v2(arguments, await self._walk(path, arguments, marked), lines)

    async def _walk(self, bucket: str, arguments: Mapping[str, Any], marked: bool) -> Walk:
        """The walk of a listing; `marked` is whether delete markers are to be looked for, and left out."""
        prefix = arguments.get("Prefix") or ""
        return Walk(
            bucket,
            self._snapshots,
            prefix=prefix,
            delimiter=arguments.get("Delimiter") or "",
            is_object=lambda path: self._attributes.get(path, "etag") is not None,
            # Only a bucket that was versioned once can hold delete markers: the others save a call a key.
            is_deleted=(lambda path: self._attributes.get(path, "delete-marker") is not None) if marked else None,
            read=await self._read_ahead(f"{bucket}/{prefix}".rpartition("/")[0]),
            occupied=self._occupied,
        )

    async def _read_ahead(self, path: str) -> dict[str, Names]:
        """The first directory, if it is too large to be read while other requests wait."""
        try:
            if os.lstat(path).st_size > LARGE and self._snapshots.kept(path) is None:
                return {path: await self._work(self._snapshots.get, path)}
        except (OSError, ValueError):
            pass  # the walk finds out what it means
        return {}

    def _marked(self, bucket: str) -> bool:
        """Whether there may be delete markers in a bucket: in one that was versioned once."""
        return self._attributes.get(bucket, "versioning") is not None

    def _classed(self, bucket: str) -> bool:
        """Whether objects of a bucket must be asked for their storage class: the others save a call a key."""
        return self._attributes.get(bucket, CLASSES) is not None

    def _owner(self, bucket: str) -> Entry:
        acl = self._attributes.get(bucket, "acl")
        owner = (json.loads(acl).get("Owner") or "") if acl else ""
        return {"ID": owner, "DisplayName": owner}

    def _lines(self, bucket: str, owner: Entry | None, marked: bool) -> Describe[str]:
        """What makes the entries of keys and their paths."""
        classed = self._classed(bucket)
        singly = self._describer(bucket, None, classed, marked)
        owned = self._owned(bucket, owner) if owner is not None else None

        def entries(pairs: Sequence[tuple[str, str]]) -> list[Entry | None]:
            lines = self._listed.all(bucket, [key for key, _ in pairs], classed, marked)
            made = [
                singly(key, path) if line is None else _entry(key, *line)
                for (key, path), line in zip(pairs, lines, strict=True)
            ]
            if owned is None:
                return made
            return [entry and owned(entry, path) for (_, path), entry in zip(pairs, made, strict=True)]

        return entries

    def _describer(
        self, bucket: str, owner: Entry | None, classed: bool, marked: bool
    ) -> Callable[[str, str], Entry | None]:
        """What makes the entry of one key and its path.

        It gives None for what vanished or is no object: a delete marker, a link to a directory or out of the bucket.
        """
        said = self._listed.of
        owned = self._owned(bucket, owner) if owner is not None else None

        def entry(key: str, path: str) -> Entry | None:
            try:
                status = os.lstat(path)
                if stat.S_ISLNK(status.st_mode):
                    status = os.stat(path)
                    if not stat.S_ISREG(status.st_mode) or not _beneath(path, bucket):
                        return None
            except OSError:
                return None
            line = said(path, status, classed, marked)
            if line is None:
                return None
            made = _entry(key, *line)
            return owned(made, path) if owned else made

        return _looking_again(entry)

    def _owned(self, bucket: str, owner: Entry) -> Callable[[Entry, str], Entry]:
        """What adds the owner to an entry by the path: the object's own where it can have one, else `owner`."""
        get = self._attributes.get
        own = not objectacl.enforced(get, bucket)
        return lambda entry, path: {**entry, "Owner": (objectacl.owner(get, path) if own else None) or owner}


def _looking_again(entry: Callable[[str, str], Entry | None]) -> Callable[[str, str], Entry | None]:
    """`entry`, again while what lies at the path is being replaced. Raises ServiceUnavailable if that never ends."""

    def patient(key: str, path: str) -> Entry | None:
        for _ in range(_LOOKS):
            with suppress(ReplacedError):
                return entry(key, path)
        raise S3Error("ServiceUnavailable")

    return patient


def _entry(key: str, modified: datetime, etag: str, size: int, storage: str | None, checksum: Entry) -> Entry:
    return {
        "Key": key,
        "LastModified": modified,
        "ETag": etag,
        "Size": size,
        "StorageClass": storage or "STANDARD",
        **checksum,
    }


def _beneath(path: str, bucket: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(bucket) + "/")
