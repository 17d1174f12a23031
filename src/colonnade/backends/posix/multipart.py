"""Beginning, listing and ending multipart uploads."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import accumulate
from typing import Any

from colonnade import context
from colonnade.backend import Answer
from colonnade.backends.posix import (
    completions,
    directories,
    etags,
    names,
    objectacl,
    objectlock,
    parts,
    properties,
    uploads,
)
from colonnade.backends.posix.base import write_check
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.temp import Temp
from colonnade.backends.posix.transfer import copy_range
from colonnade.backends.posix.tree import Tree, close
from colonnade.backends.posix.uploads import CLAIMED, INITIATED, INITIATOR, MULTIPART, Upload
from colonnade.errors import S3Error
from colonnade.rules import checksums, conditions, multipart
from colonnade.rules.checksums import Checksum
from colonnade.rules.listing_twice import list_multipart_uploads
from colonnade.rules.multipart import Part
from colonnade.rules.pages import Entry, SortedCursor

#: Seconds between two looks at an upload that somebody else is completing.
_PAUSE = 0.02

#: Seconds for which who asks for a completion waits for somebody else's: another gateway may have died at it.
_PATIENCE = 300.0

#: How often an upload is looked for before it isn't there: a completion that is refused gives it back meanwhile.
_LOOKS = 3


class Multipart(parts.Parts):
    """The operations on whole uploads."""

    async def create_multipart_upload(self, **arguments: Any) -> Answer:
        """Begin an upload; what the object will have beside its bytes is said here."""
        where = names.place(arguments["Bucket"], arguments["Key"])
        if where.directory:
            raise directories.contains_data(where)
        promise = multipart.promise_of(arguments)
        values = properties.of_write(arguments) | objectlock.of_upload(self.tree, arguments)
        values |= objectacl.of_write(self.tree, arguments)
        if promise.algorithm and promise.type:
            values["checksums"] = checksums.to_json(Checksum(promise.algorithm, promise.type, ""))
        account = context.caller()
        values[INITIATED] = str(int(time.time())).encode()
        values[INITIATOR] = (account.access if account else "").encode()
        with os_errors(Key=where.key):
            self.tree.bucket(where.bucket)
            upload_id = uploads.new_id()
            # Under the lock of the key's uploads, so that nobody takes what is kept of this one for a leftover.
            make = partial(uploads.make, self.tree, where, upload_id, values)
            await self.tree.flushed(
                await self.tree.locks.holding(where.bucket, uploads.key_directory(where), make, close)
            )
        return {"Bucket": where.bucket, "Key": where.key, "UploadId": upload_id, **parts.promised(promise)}

    async def abort_multipart_upload(self, **arguments: Any) -> Answer:
        """Throw an upload away. Raises PreconditionFailed if it didn't begin at IfMatchInitiatedTime."""
        where = names.place(arguments["Bucket"], arguments["Key"])
        with os_errors(Key=where.key), uploads.found(self.tree, where, arguments["UploadId"]) as upload:
            moment = arguments.get("IfMatchInitiatedTime")
            if moment is not None and int(moment.timestamp()) != int(upload.initiated.timestamp()):
                raise S3Error("PreconditionFailed", Condition="x-amz-if-match-initiated-time")
            if not uploads.claim(upload):
                raise S3Error("NoSuchUpload", UploadId=upload.id)
            try:
                # Under the lock of who puts a part in its place, so that none comes after the last was removed.
                hide = partial(uploads.hide, self.tree, where.bucket, upload.path)
                remove = await self.tree.locks.holding(where.bucket, upload.path, hide, self.tree.threads.later)
            except FileNotFoundError as error:
                raise S3Error("NoSuchUpload", UploadId=upload.id) from error
            await self.tree.threads.work(remove)
        return {}

    async def complete_multipart_upload(self, **arguments: Any) -> Answer:
        """Join the named parts into the object. Saying it again gives the same answer while the object stands."""
        where = names.place(arguments["Bucket"], arguments["Key"])
        conditions.check_write_arguments(arguments)
        upload_id = arguments["UploadId"]
        looks, until = 0, time.monotonic() + _PATIENCE
        with os_errors(Key=where.key):
            while True:
                try:
                    upload = uploads.find(self.tree, where, upload_id)
                except S3Error as error:
                    if error.code != "NoSuchUpload":
                        raise
                    # In this order, for who completes it makes the object first and ends the upload then.
                    under_way = completions.under_way(self.tree, where, upload_id)
                    if (answer := completions.made(self.tree, where, upload_id)) is not None:
                        return answer
                    looks = 0 if under_way else looks + 1
                    if looks == _LOOKS:
                        raise
                else:
                    try:
                        if uploads.claim(upload) and self._stands(upload):
                            return await self._complete(arguments, upload)
                    except completions.TakenError:
                        pass
                    finally:
                        os.close(upload.fd)
                if time.monotonic() > until:
                    raise S3Error("ServiceUnavailable", "The upload is being completed already. Please retry.")
                await asyncio.sleep(0 if looks else _PAUSE)

    def _stands(self, upload: Upload) -> bool:
        """Whether the upload we hold is still the one of its name."""
        try:
            return os.stat(self.tree.root.at(upload.path)).st_ino == os.fstat(upload.fd).st_ino
        except FileNotFoundError:
            return False

    async def _complete(self, arguments: Mapping[str, Any], upload: Upload) -> Answer:
        """Join the parts of an upload that we hold."""
        where = upload.where
        asked: Sequence[Mapping[str, Any]] = (arguments.get("MultipartUpload") or {}).get("Parts") or []
        kept = await self.tree.threads.work(_kept, self.tree, upload, [row.get("PartNumber", 0) for row in asked])
        chosen = multipart.choose(asked, kept, upload.promise, upload.id)
        checksum = multipart.check_complete(arguments, upload.promise, chosen)
        md5 = multipart.etag_of([part.etag for part in chosen])
        check = write_check(arguments)
        if check is not None:  # a refusal need not wait for the joining; the lock's holder asks again
            check(self.tree.current(where))
        claimed = f"{upload.path}.{etags.claim(chosen, md5)}{CLAIMED}"
        take = partial(completions.claim, self.tree, upload, claimed)
        try:
            await self.tree.locks.holding(where.bucket, upload.path, take, lambda _: None)
            with self.tree.temp(where.bucket) as temp:
                held = replace(upload, path=claimed)
                await self.tree.threads.work(_join, self.tree, held, chosen, temp)
                etag = self.tree.etags.of_object(temp.fd, md5, checksum)
                attributes = _attributes(upload, chosen, etag, checksum)
                attributes |= objectlock.of_completed(self.tree, where.bucket, attributes)
                self.tree.attach(where, temp, attributes)
                version = await self.tree.commit(where, temp, check)
        except BaseException:
            # What broke off may have made the object all the same, or not even the claim.
            if completions.is_ours(upload.fd):
                with suppress(FileNotFoundError):
                    await self.tree.threads.work(completions.give_back, self.tree, where, claimed)
            raise
        hide = partial(uploads.hide, self.tree, where.bucket, claimed)
        remove = await self.tree.threads.work(hide, drop=self.tree.threads.later)
        if self.tree.freeing.may_wait(upload.fd):  # its files may take as long to remove as they took to join
            self.tree.threads.later(remove)
        else:
            await self.tree.threads.work(remove)
        return completions.answer(where, etag, checksum) | version

    async def list_multipart_uploads(self, **arguments: Any) -> Answer:
        """One page of the uploads under way."""
        bucket: str = arguments["Bucket"]
        with os_errors(BucketName=bucket):
            self.tree.bucket(bucket)
            rows = await self.tree.threads.work(lambda: sorted(_under_way(self.tree, bucket)))
        cursor = SortedCursor.of(rows)
        return list_multipart_uploads(
            arguments, cursor, lambda key, upload_id: self._upload_entry(bucket, key, upload_id), lambda item: item
        )

    def _upload_entry(self, bucket: str, key: str, upload_id: str) -> Entry | None:
        try:
            with uploads.found(self.tree, names.place(bucket, key), upload_id) as upload:
                who = {"ID": upload.initiator, "DisplayName": upload.initiator}
                return {
                    "Key": key,
                    "UploadId": upload_id,
                    "Initiated": upload.initiated,
                    "StorageClass": upload.attributes.get("colonnade.storage-class", b"STANDARD").decode(),
                    "Owner": who,
                    "Initiator": who,
                    **parts.promised(upload.promise),
                }
        except S3Error:
            return None  # it has ended meanwhile


def _kept(tree: Tree, upload: Upload, wanted: Sequence[int]) -> dict[int, Part]:
    found_parts = {number: uploads.part(tree, upload, number) for number in wanted}
    return {number: kept[0] for number, kept in found_parts.items() if kept is not None}


def _join(tree: Tree, upload: Upload, chosen: Sequence[Part], temp: Temp) -> None:
    """Append the chosen parts. Raises InvalidPart for one that was replaced until the upload was claimed."""
    by_hand = tree.options.disable_copy_file_range
    for part in chosen:
        fd = os.open(str(part.number), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=upload.fd)
        try:
            if (tree.store.get(f"{upload.path}/{part.number}", "etag", fd) or b"").decode() != part.etag:
                raise S3Error("InvalidPart", UploadId=upload.id, PartNumber=str(part.number))
            copy_range(fd, 0, temp, part.size, by_hand)
        finally:
            os.close(fd)


def _attributes(upload: Upload, chosen: Sequence[Part], etag: str, checksum: Checksum) -> dict[str, bytes]:
    own = (INITIATED, INITIATOR, "checksums")
    attributes = {name: value for name, value in upload.attributes.items() if name not in own}
    ends = list(accumulate(part.size for part in chosen))
    attributes["mp-metadata"] = _pack({"uploadId": upload.id, "parts": ends})
    if all(part.checksum for part in chosen):
        values = [part.checksum for part in chosen]
        attributes[properties.PART_CHECKSUMS] = _pack({"algorithm": upload.promise.used, "checksums": values})
    return attributes | properties.of_sums(etag, checksum)


def _pack(value: Any) -> bytes:
    return gzip.compress(json.dumps(value, separators=(",", ":")).encode(), mtime=0)


def _under_way(tree: Tree, bucket: str) -> Iterator[tuple[str, str]]:
    """Key and id of every upload of a bucket that is not being completed."""
    top = tree.root.at(f"{bucket}/{TMP}/{MULTIPART}")
    if tree.root.linked(bucket, MULTIPART):
        return
    try:
        directories = os.listdir(top)
    except FileNotFoundError:
        return
    for directory in directories:
        try:
            name = tree.store.get(f"{top}/{directory}", uploads.KEY)
            if name is None:
                continue
            key = name.decode()
            ids = os.listdir(f"{top}/{directory}")
        except (OSError, UnicodeDecodeError):
            continue
        yield from ((key, upload_id) for upload_id in ids if "." not in upload_id)
