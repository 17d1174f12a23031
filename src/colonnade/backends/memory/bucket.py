"""A bucket in memory: the versions of its keys, which one a reader gets, and what goes when another comes."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.stored import Stored, Upload, now
from colonnade.errors import S3Error
from colonnade.rules import objectacl, ulid
from colonnade.rules.checksums import Checksum
from colonnade.rules.conditions import Current
from colonnade.rules.lock import FREE, check_removal, moment
from colonnade.rules.objectacl import Ownership
from colonnade.rules.versions import DELETE_MARKER, ENABLED, NULL

_MARKER = Stored(b"", "", Checksum("", "", ""), {}, marker=True)


class Bucket:
    """Versions by key, newest first, and keys in order; uploads by id, and configurations by the kind's name.

    `keys` are those whose newest version is an object, `marked` those whose newest is a delete marker.
    """

    def __init__(self, name: str, location: str, configurations: dict[str, Any]) -> None:
        self.name = name
        self.location = location
        self.configurations = configurations
        self.created = now()
        #: Another one whenever a configuration is.
        self.stamp = object()
        #: Enabled, Suspended, or empty if it never kept versions.
        self.versioning = ENABLED if self.lock else ""
        self.versions: dict[str, list[Stored]] = {}
        self.keys: list[str] = []
        self.marked: list[str] = []
        self.uploads: dict[str, Upload] = {}

    @property
    def owner(self) -> dict[str, str]:
        """Whose it is, as its ACL has it."""
        found: dict[str, str] = self.configurations["acl"]["Owner"]
        return found

    @property
    def ownership(self) -> Ownership:
        """What it says of its objects' owners."""
        kept = self.configurations.get("ownership")
        setting = kept["Rules"][0]["ObjectOwnership"] if kept else objectacl.WRITER
        return Ownership(setting, self.owner["ID"])

    @property
    def lock(self) -> Any:
        """Its Object Lock configuration, None without one."""
        return self.configurations.get("lock")

    def said(self, stored: Stored) -> Answer:
        """What answers say of a version's id: nothing in a bucket that never kept versions."""
        return {"VersionId": stored.version} if self.versioning else {}

    def object(self, key: str) -> Stored | None:
        """What a key holds, None for nothing or a delete marker."""
        chain = self.versions.get(key)
        return chain[0] if chain and not chain[0].marker else None

    def current(self, key: str) -> Current | None:
        """What a key's conditions are judged by."""
        stored = self.object(key)
        return stored.current if stored else None

    def version(self, key: str, version: str) -> Stored | None:
        """One version of a key, which may be a delete marker."""
        return next((stored for stored in self.versions.get(key, ()) if stored.version == version), None)

    def find(self, key: str, version: str | None) -> Stored:
        """The object that a reader asks for.

        Raises NoSuchKey (with DeleteMarker in its output for one that was deleted), NoSuchVersion, and
        MethodNotAllowed for a delete marker's id.
        """
        if version is not None:
            stored = self.version(key, version)
            if stored is None:
                raise S3Error("NoSuchVersion", Key=key, VersionId=version)
            if stored.marker:
                said = {"DeleteMarker": True, "VersionId": version, "LastModified": stored.last_modified}
                raise S3Error("MethodNotAllowed", output=said, ResourceType=DELETE_MARKER)
            return stored
        chain = self.versions.get(key)
        if not chain:
            raise S3Error("NoSuchKey", Key=key)
        if chain[0].marker:
            raise S3Error("NoSuchKey", Key=key, output={"DeleteMarker": True, "VersionId": chain[0].version})
        return chain[0]

    def put(self, key: str, stored: Stored) -> Answer:
        """Make a version current in one step; says its id. Raises AccessDenied where that removes a locked one."""
        chain = self.versions.get(key, [])
        newest = next((old.version for old in chain if old.version != NULL), "")
        if self.versioning == ENABLED:
            stored = replace(stored, version=ulid.new(newest))
        else:
            # Suspended or never versioned: the null version is replaced, wherever it stands.
            self.check_unlocked(key, NULL)
            chain = [old for old in chain if old.version != NULL]
        self._keep(key, [stored, *chain])
        return self.said(stored)

    def mark(self, key: str) -> Answer:
        """Put a delete marker on a key of a bucket that keeps versions."""
        return {"DeleteMarker": True, **self.put(key, replace(_MARKER, last_modified=now()))}

    def change(self, key: str, version: str, alter: Callable[[Stored], Stored]) -> None:
        """Replace a version by what `alter` makes of it: tags and locks are no new version."""
        self._keep(key, [alter(old) if old.version == version else old for old in self.versions[key]])

    def remove(self, key: str, version: str, *, bypass: bool = False) -> bool:
        """Forget a version, if it is there: whether it was a delete marker. Raises AccessDenied."""
        gone = self.version(key, version)
        if gone is None:
            return False
        self.check_unlocked(key, version, bypass=bypass)
        self._keep(key, [old for old in self.versions[key] if old is not gone])
        return gone.marker

    def check_unlocked(self, key: str, version: str, *, bypass: bool = False) -> None:
        """Refuse to remove a version that is locked; `bypass` passes over governance. Raises AccessDenied."""
        stored = self.version(key, version)
        if stored is not None and stored.lock != FREE:
            check_removal(stored.lock, moment(), bypass=bypass)

    def _keep(self, key: str, chain: list[Stored]) -> None:
        """Make these a key's versions, and its place in the order theirs."""
        before = self.versions.pop(key, [])
        if chain:
            self.versions[key] = chain
        old, new = self._order(before), self._order(chain)
        if old is new:
            return
        if old is not None:
            del old[bisect_left(old, key)]
        if new is not None:
            insort(new, key)

    def _order(self, chain: list[Stored]) -> list[str] | None:
        if not chain:
            return None
        return self.marked if chain[0].marker else self.keys

    def upload(self, upload_id: str, key: str) -> Upload:
        """An upload under way. Raises NoSuchUpload."""
        upload = self.uploads.get(upload_id)
        if upload is None or upload.key != key:
            raise S3Error("NoSuchUpload", UploadId=upload_id)
        return upload
