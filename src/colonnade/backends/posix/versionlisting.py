"""ListObjectVersions: the walk of the tree, each key with its older versions behind the current one."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import names
from colonnade.backends.posix.listing import Listings
from colonnade.backends.posix.snapshots import Stamp, stamp_of
from colonnade.backends.posix.status import modified
from colonnade.backends.posix.versioned import ID, MARKER
from colonnade.backends.posix.versionstore import VersionStore
from colonnade.errors import S3Error
from colonnade.rules.listing_twice import list_object_versions
from colonnade.rules.pages import Entry, Expanded
from colonnade.rules.versions import NULL, check_marker

#: How often a version is looked for in both places that it may lie at.
_ROUNDS = 5

#: A version in the walk: its id, where it lies, and whether it is the current one.
Item = tuple[str, str, bool]


class VersionListings(Listings):
    """ListObjectVersions. `versions` is where older versions lie, None if there are none."""

    versions: VersionStore | None = None

    async def list_object_versions(self, **arguments: Any) -> Answer:
        """One page. In a bucket that never kept versions every object is its only one, "null"."""
        bucket: str = arguments["Bucket"]
        path = self._bucket(bucket)
        check_marker(arguments)
        owner = self._owner(path)
        kept = self._marked(path)
        walk = await self._walk(path, arguments, marked=False)  # markers are told too

        describe = self._describer(path, owner, self._classed(path), kept)

        def line(key: str, version: str, at: str) -> Entry | None:
            """What a version says if that lies at a path."""
            if not kept:
                return describe(key, at)
            before = _state(at)
            marker = self._attributes.get(at, MARKER) is not None
            found = _marker(key, at, owner) if marker else describe(key, at)
            # What was told is of this version if its file lay there before and after.
            return found if self._id(at) == version and _state(at) == before else None

        def entry(key: str, item: Item) -> Entry | None:
            version, at, latest = item
            found = line(key, version, at)
            if found is None and kept and (older := self._older(bucket, key)):
                # It was replaced, or has become current, since the walk came to it, or has gone.
                store, where = older
                places = store.path(where, version), f"{path}/{key}"
                found = next(filter(None, (line(key, version, place) for place in places * _ROUNDS)), None)
            return found and {**found, "VersionId": version, "IsLatest": latest}

        cursor = Expanded(walk, lambda key, at: self._items(bucket, key, at, kept))
        return list_object_versions(arguments, cursor, entry, lambda item: item[0])

    def _items(self, bucket: str, key: str, at: str, kept: bool) -> Iterator[Item]:
        """The versions of a key, newest first."""
        current = self._id(at) if kept else NULL
        older = self._older(bucket, key) if kept else None
        if older is None:
            yield current, at, True
            return
        store, where = older
        while True:
            ids = store.ids(where)
            # One of them may have become current before they were read.
            before, current = current, self._id(at)
            if before == current:
                break
        yield current, at, True
        for version in ids:
            if version != current:  # else linked by a gateway that died before it had replaced it
                yield version, store.path(where, version), False

    def _older(self, bucket: str, key: str) -> tuple[VersionStore, names.Where] | None:
        """Where a key's older versions lie; None if it can't have any."""
        if self.versions is None or key.endswith("/"):
            return None
        try:
            return self.versions, names.find(bucket, key)
        except S3Error:
            return None

    def _id(self, at: str) -> str:
        """The id of the version at a path."""
        raw = self._attributes.get(at, ID)
        return NULL if raw is None else raw.decode()


def _state(at: str) -> Stamp | None:
    """Which state of which file lies at a path, None for none."""
    try:
        return stamp_of(os.lstat(at))
    except OSError:
        return None


def _marker(key: str, at: str, owner: Entry) -> Entry | None:
    try:
        status = os.lstat(at)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):  # a link to one is none, and may lead out of the bucket
        return None
    return {"Key": key, "LastModified": modified(status), "Owner": owner}
