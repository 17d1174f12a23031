"""The listings of objects: the walk of the tree, and what an entry says, read only for the page."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from colonnade.backend import Answer
from colonnade.backends.posix import objectacl
from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.listed import Listed
from colonnade.backends.posix.snapshots import Names, Snapshots
from colonnade.backends.posix.status import modified
from colonnade.backends.posix.tree import CLASSES
from colonnade.backends.posix.walk import Walk
from colonnade.rules.listing import list_objects, list_objects_v2
from colonnade.rules.pages import Entry

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
    ) -> None:
        self._bucket = bucket
        self._attributes = attributes
        self._listed = Listed(attributes.get, etags, remember=attributes.in_inode)
        self._snapshots = snapshots or Snapshots()

    async def list_objects(self, **arguments: Any) -> Answer:
        """One page, owners always named."""
        path = self._bucket(arguments["Bucket"])
        owner, classed = self._owner(path), self._classed(path)
        return list_objects(
            arguments, await self._walk(path, arguments), lambda key, at: self._entry(path, key, at, owner, classed)
        )

    async def list_objects_v2(self, **arguments: Any) -> Answer:
        """One page, owners named where FetchOwner asks for them."""
        path = self._bucket(arguments["Bucket"])
        owner = self._owner(path) if arguments.get("FetchOwner") else None
        classed = self._classed(path)
        return list_objects_v2(
            arguments, await self._walk(path, arguments), lambda key, at: self._entry(path, key, at, owner, classed)
        )

    async def _walk(self, bucket: str, arguments: Mapping[str, Any], *, deleted: bool = False) -> Walk:
        """The walk of a listing, with the keys that are `deleted` or without."""
        prefix = arguments.get("Prefix") or ""
        marked = not deleted and self._attributes.get(bucket, "versioning") is not None
        return Walk(
            bucket,
            self._snapshots,
            prefix=prefix,
            delimiter=arguments.get("Delimiter") or "",
            is_object=lambda path: self._attributes.get(path, "etag") is not None,
            # Only a bucket that was versioned once can hold delete markers: the others save a call a key.
            is_deleted=(lambda path: self._attributes.get(path, "delete-marker") is not None) if marked else None,
            read=await self._read_ahead(f"{bucket}/{prefix}".rpartition("/")[0]),
        )

    async def _read_ahead(self, path: str) -> dict[str, Names]:
        """The first directory, if it is too large to be read while other requests wait."""
        try:
            if os.lstat(path).st_size > LARGE and self._snapshots.kept(path) is None:
                return {path: await asyncio.to_thread(self._snapshots.get, path)}
        except (OSError, ValueError):
            pass  # the walk finds out what it means
        return {}

    def _classed(self, bucket: str) -> bool:
        """Whether objects of a bucket must be asked for their storage class: the others save a call a key."""
        return self._attributes.get(bucket, CLASSES) is not None

    def _owner(self, bucket: str) -> Entry:
        acl = self._attributes.get(bucket, "acl")
        owner = (json.loads(acl).get("Owner") or "") if acl else ""
        return {"ID": owner, "DisplayName": owner}

    def _entry(self, bucket: str, key: str, path: str, owner: Entry | None, classed: bool) -> Entry | None:
        """One object, None where it vanished or is no object: a link to a directory or out of the bucket."""
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                status = os.stat(path)
                if not stat.S_ISREG(status.st_mode) or not _beneath(path, bucket):
                    return None
        except OSError:
            return None
        entry: Entry = {
            "Key": key,
            "LastModified": modified(status),
            "Size": status.st_size if stat.S_ISREG(status.st_mode) else 0,
            **self._listed.of(path, status, classed),
        }
        if owner is not None:
            entry["Owner"] = objectacl.owner(self._attributes.get, bucket, path) or owner
        return entry


def _beneath(path: str, bucket: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(bucket) + "/")
