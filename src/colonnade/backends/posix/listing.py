"""The listings of objects: the walk of the tree, and what an entry says, read only for the page."""

from __future__ import annotations

import asyncio
import json
import os
import stat
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from colonnade.backend import Answer
from colonnade.backends.posix import objectacl
from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.listed import Listed
from colonnade.backends.posix.snapshots import Names, Snapshots
from colonnade.backends.posix.status import moment
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
        work: Callable[..., Awaitable[Any]] = asyncio.to_thread,
    ) -> None:
        self._bucket = bucket
        self._attributes = attributes
        self._listed = Listed(attributes.get, etags, remember=attributes.in_inode)
        self._snapshots = snapshots or Snapshots()
        self._work = work

    async def list_objects(self, **arguments: Any) -> Answer:
        """One page, owners always named."""
        path = self._bucket(arguments["Bucket"])
        owner, classed = self._owner(path), self._classed(path)
        return list_objects(arguments, await self._walk(path, arguments), self._describer(path, owner, classed))

    async def list_objects_v2(self, **arguments: Any) -> Answer:
        """One page, owners named where FetchOwner asks for them."""
        path = self._bucket(arguments["Bucket"])
        owner = self._owner(path) if arguments.get("FetchOwner") else None
        classed = self._classed(path)
        return list_objects_v2(arguments, await self._walk(path, arguments), self._describer(path, owner, classed))

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
                return {path: await self._work(self._snapshots.get, path)}
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

    def _describer(self, bucket: str, owner: Entry | None, classed: bool) -> Callable[[str, str], Entry | None]:
        """What makes the entry of a key and its path, with an owner unless that is None.

        It gives None for what vanished or is no object: a link to a directory or out of the bucket.
        """
        # Called for every key of every page: what is the same for all is looked up here.
        lstat, said, get = os.lstat, self._listed.of, self._attributes.get
        own = owner is not None and not objectacl.enforced(get, bucket)

        def entry(key: str, path: str) -> Entry | None:
            try:
                status = lstat(path)
                kind = status.st_mode & _KIND
                if kind == stat.S_IFLNK:
                    status = os.stat(path)
                    kind = status.st_mode & _KIND
                    if kind != stat.S_IFREG or not _beneath(path, bucket):
                        return None
            except OSError:
                return None
            etag, storage, checksum = said(path, status, classed)
            made: Entry = {
                "Key": key,
                "LastModified": moment(status.st_mtime_ns // 1_000_000_000),
                "ETag": etag,
                "Size": status.st_size if kind == stat.S_IFREG else 0,
                "StorageClass": storage,
                **checksum,
            }
            if owner is not None:
                made["Owner"] = (objectacl.owner(get, path) if own else None) or owner
            return made

        return entry


#: What of a mode says which kind of file it is.
_KIND = stat.S_IFMT(0xFFFF)


def _beneath(path: str, bucket: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(bucket) + "/")
