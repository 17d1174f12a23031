"""ListObjectVersions: the walk of the tree, each key with its older versions behind the current one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.posix import names
from colonnade.backends.posix.listing import Listings
from colonnade.backends.posix.status import modified
from colonnade.backends.posix.versioned import ID, MARKER
from colonnade.backends.posix.versionstore import VersionStore
from colonnade.errors import S3Error
from colonnade.rules.listing_twice import list_object_versions
from colonnade.rules.pages import Entry, Expanded
from colonnade.rules.versions import NULL

#: A version in the walk: its id, where it lies, and whether it is the current one.
Item = tuple[str, str, bool]


class VersionListings(Listings):
    """ListObjectVersions. `versions` is where older versions lie, None if there are none."""

    versions: VersionStore | None = None

    async def list_object_versions(self, **arguments: Any) -> Answer:
        """One page. In a bucket that never kept versions every object is its only one, "null"."""
        bucket: str = arguments["Bucket"]
        path = self._bucket(bucket)
        owner = self._owner(path)
        kept = self._attributes.get(path, "versioning") is not None
        walk = await self._walk(path, arguments, deleted=True)

        describe = self._describer(path, owner)

        def entry(key: str, item: Item) -> Entry | None:
            version, at, latest = item
            said = {"VersionId": version, "IsLatest": latest}
            if kept and self._attributes.get(at, MARKER) is not None:
                return _marker(key, at, owner, said)
            found = describe(key, at)
            return found and {**found, **said}

        cursor = Expanded(walk, lambda key, at: self._items(bucket, key, at, kept))
        return list_object_versions(arguments, cursor, entry, lambda item: item[0])

    def _items(self, bucket: str, key: str, at: str, kept: bool) -> Iterator[Item]:
        """The versions of a key, newest first."""
        current = (kept and (raw := self._attributes.get(at, ID)) is not None and raw.decode()) or NULL
        yield current, at, True
        if not kept or self.versions is None or key.endswith("/"):
            return
        try:
            where = names.find(bucket, key)
        except S3Error:
            return
        for version in self.versions.ids(where):
            if version != current:  # else linked by a gateway that died before it had replaced it
                yield version, self.versions.path(where, version), False


def _marker(key: str, at: str, owner: Entry, said: Entry) -> Entry | None:
    try:
        status = os.lstat(at)
    except OSError:
        return None
    return {"Key": key, "LastModified": modified(status), "Owner": owner, **said}
