"""Buckets: a directory each in the served one, the bucket's own attributes on it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from colonnade import context
from colonnade.backend import Answer
from colonnade.backends.posix import acl, owners, parents
from colonnade.backends.posix.base import Served
from colonnade.backends.posix.configcodec import codec
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.names import TMP, Where
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.backends.posix.tree import close
from colonnade.errors import S3Error
from colonnade.rules import bucketconfig, buckets, names
from colonnade.rules.acl import PERMISSIONS

#: What a new bucket may be given that must not be forgotten.
_COUNTED_ON = ("ObjectLockEnabledForBucket", *PERMISSIONS)

_VERSIONS = "The bucket you tried to delete is not empty. You must delete all versions in the bucket."


class Buckets(Served):
    """The operations that make, find and remove buckets."""

    async def create_bucket(self, **arguments: Any) -> Answer:
        """Make a directory, owned by the caller. Raises BucketAlreadyOwnedByYou, BucketAlreadyExists."""
        bucket: str = arguments["Bucket"]
        names.check_bucket(bucket, self.tree.options.strict_bucket_names)
        if bucket == TMP:
            raise S3Error("InvalidBucketName", BucketName=bucket)
        configuration = arguments.get("CreateBucketConfiguration") or {}
        self._check_location(configuration.get("LocationConstraint"))
        values = acl.of_new_bucket(arguments)
        if any(arguments.get(name) for name in _COUNTED_ON) or arguments.get("ACL") not in (None, "private"):
            self.tree.check_keeps()
        block = self.tree.options.block_public_access
        for name, value in bucketconfig.of_new_bucket(arguments, block_public_access=block).items():
            kept = codec(bucketconfig.BY_NAME[name])
            values[kept.attribute] = kept.encode(value)
        if arguments.get("ObjectLockEnabledForBucket") and self.tree.versions is not None:
            values["versioning"] = b"\x01"  # S3: Object Lock works on versions, and enables them
        with os_errors(BucketName=bucket), self.tree.store.making():
            await self.tree.flushed(self._make(bucket, values))
        return {"Location": f"/{bucket}"}

    def _check_location(self, location: str | None) -> None:
        if location and location not in (self.tree.options.region, ""):
            raise S3Error("InvalidLocationConstraint", LocationConstraint=location)

    def _make(self, bucket: str, values: dict[str, bytes]) -> list[int]:
        """The directory and its attributes. A crash between leaves a bucket without `acl`: it is root's."""
        root = self.tree.root
        if not os.path.lexists(root.at(bucket)):
            self.tree.store.new_bucket(bucket)
        try:
            os.mkdir(bucket, self.tree.options.dir_perms, dir_fd=root.fd)
        except FileExistsError:
            raise self._exists(bucket) from None
        fd = root.open(bucket, DIRECTORY)
        try:
            owners.of_caller(self.tree.options).give(fd)
            where = Where(bucket, "", bucket, "", True)
            self.tree.store.change(fd, where, bucket, values, durable=False)
        except BaseException:
            os.close(fd)
            shutil.rmtree(root.at(bucket), ignore_errors=True)
            raise
        return [fd, os.dup(root.fd)]

    def _exists(self, bucket: str) -> S3Error:
        raw = self.tree.store.get(self.tree.root.at(bucket), "acl")
        owner = json.loads(raw).get("Owner") if raw else ""
        account = context.caller()
        # Root's key may be another at every start, and what it made is still its own.
        mine = not owner or owner == acl.caller() or (account is not None and account.root)
        return S3Error("BucketAlreadyOwnedByYou" if mine else "BucketAlreadyExists", BucketName=bucket)

    async def head_bucket(self, **arguments: Any) -> Answer:
        """Tell that the bucket is there, and its region."""
        self.tree.bucket(arguments["Bucket"])
        return {"BucketRegion": self.tree.options.region, "AccessPointAlias": False}

    async def get_bucket_location(self, **arguments: Any) -> Answer:
        """The region; us-east-1 has no name of its own here."""
        self.tree.bucket(arguments["Bucket"])
        region = self.tree.options.region
        return {"LocationConstraint": None if region == "us-east-1" else region}

    async def list_buckets(self, **arguments: Any) -> Answer:
        """The directories that have a bucket's name, in order; all to root and admins, to others their own."""
        region, prefix = arguments.get("BucketRegion"), arguments.get("Prefix") or ""
        rows: dict[str, Answer] = {}
        with os_errors():
            there = os.listdir(self.tree.root.fd) if region in (None, self.tree.options.region) else []
        for name in there:
            if name.startswith(prefix) and (row := self._row(name)) is not None:
                rows[name] = row
        shown, said = buckets.page(arguments, rows)
        owner = acl.caller()
        return {"Buckets": [rows[name] for name in shown], "Owner": {"ID": owner, "DisplayName": owner}, **said}

    def _row(self, name: str) -> Answer | None:
        """A bucket as a listing shows it; None for what isn't one, or isn't the caller's to see."""
        with suppress(OSError, S3Error, UnicodeError):
            names.check_bucket(name, self.tree.options.strict_bucket_names)
            status = os.stat(self.tree.bucket(name))
            if name == TMP or not self._visible(name):
                return None
            moment = datetime.fromtimestamp(status.st_mtime_ns // 1_000_000_000, UTC)
            return {"Name": name, "CreationDate": moment, "BucketRegion": self.tree.options.region}
        return None

    def _visible(self, bucket: str) -> bool:
        account = context.caller()
        if account is None or account.root or account.role == "admin":
            return True
        raw = self.tree.store.get(self.tree.root.at(bucket), "acl")
        return bool(raw) and json.loads(raw or b"{}").get("Owner") == account.access

    async def delete_bucket(self, **arguments: Any) -> Answer:
        """Remove a bucket that holds no object. One put meanwhile stays, and the bucket with it."""
        bucket: str = arguments["Bucket"]
        self.tree.bucket(bucket)
        with os_errors(BucketName=bucket):
            # Waiting for all the locks of a bucket means waiting for every write that is being published.
            changed = await self.tree.threads.wait(self._delete, bucket, drop=close)
            await self.tree.flushed(changed)
        return {}

    def _delete(self, bucket: str) -> list[int]:
        path = self.tree.root.at(bucket)
        with self.tree.locks.all(bucket):
            if self.tree.versions is not None and self.tree.versions.holds_any(bucket):
                raise S3Error("BucketNotEmpty", _VERSIONS, BucketName=bucket)
            for name in os.listdir(path):
                if name != TMP:
                    self._clear(bucket, name)
            shutil.rmtree(f"{path}/{TMP}", ignore_errors=True)
            with self.tree.store.making():
                try:
                    self._remove(path)
                except OSError as error:
                    if error.errno in parents.NOT_EMPTY:
                        raise S3Error("BucketNotEmpty", BucketName=bucket) from error
                    raise
                self.tree.store.forget_bucket(bucket)
            if self.tree.versions is not None:
                self.tree.versions.discard(bucket)
        return [os.dup(self.tree.root.fd)]

    def _remove(self, path: str) -> None:
        """Remove a bucket's empty directory; of a link to one only the link. Raises OSError."""
        if not os.path.islink(path):
            os.rmdir(path)
        elif os.listdir(path):
            raise OSError(errno.ENOTEMPTY, "not empty", path)
        else:
            os.unlink(path)

    def _clear(self, bucket: str, name: str) -> None:
        """Remove an empty directory, which is no content. Raises BucketNotEmpty for content."""
        fd = self.tree.root.open(bucket, DIRECTORY)
        try:
            parents.remove_empty(self.tree.store, None, fd, Where(bucket, name, bucket, name, True))
        except (S3Error, NotADirectoryError) as error:
            raise S3Error("BucketNotEmpty", BucketName=bucket) from error
        finally:
            os.close(fd)
