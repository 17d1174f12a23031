"""Multipart uploads in memory."""

from __future__ import annotations

from typing import Any

from colonnade.backend import Answer
from colonnade.backends.memory.bucket import Bucket
from colonnade.backends.memory.parts import Parts, part_checksum
from colonnade.backends.memory.stored import Stored, StoredPart, Upload
from colonnade.errors import S3Error
from colonnade.rules import conditions, lock, metadata, multipart, names, objectacl, tagging
from colonnade.rules.listing_twice import list_multipart_uploads
from colonnade.rules.multipart import Part, Promise
from colonnade.rules.pages import Entry, SortedCursor
from colonnade.rules.parts import page


class Multipart(Parts):
    """Beginning, ending and listing uploads."""

    async def create_multipart_upload(self, **arguments: Any) -> Answer:
        """Begin an upload; what is kept beside the bytes is said here."""
        bucket, key = self.bucket(arguments["Bucket"]), arguments["Key"]
        names.check_key(key)
        kept = lock.of_write(arguments, lock.without_default(bucket.lock), lock.moment())
        acl = objectacl.of_new(arguments, bucket.ownership)
        promise = multipart.promise_of(arguments)
        tags = tagging.parse_header(arguments.get("Tagging", ""))
        upload = Upload(key, promise, metadata.pick(arguments), tags, kept, acl)
        bucket.uploads[upload.id] = upload
        answer: Answer = {"Bucket": bucket.name, "Key": key, "UploadId": upload.id}
        return answer | _promised(promise)

    async def complete_multipart_upload(self, **arguments: Any) -> Answer:
        """Make the object of the parts named. Saying it again gives the same answer while the object stands."""
        bucket, key, upload_id = self.bucket(arguments["Bucket"]), arguments["Key"], arguments["UploadId"]
        for made in bucket.versions.get(key, ()):
            if made.upload_id == upload_id:
                return _completed(bucket, key, made, bucket.said(made))
        upload = bucket.upload(upload_id, key)
        asked = (arguments.get("MultipartUpload") or {}).get("Parts") or []
        kept = {number: stored.part for number, stored in upload.parts.items()}
        chosen = multipart.choose(asked, kept, upload.promise, upload_id)
        checksum = multipart.check_complete(arguments, upload.promise, chosen)
        conditions.check_write(arguments, bucket.current(key))
        stored = Stored(
            b"".join(upload.parts[part.number].data for part in chosen),
            multipart.etag_of([part.etag for part in chosen]),
            checksum,
            upload.properties,
            upload.tags,
            tuple(Part(n, p.size, p.etag, p.checksum) for n, p in enumerate(chosen, 1)),
            upload.id,
            lock=lock.with_default(upload.lock, bucket.lock, lock.moment()),
            acl=upload.acl,
        )
        version = bucket.put(key, stored)
        del bucket.uploads[upload.id]
        return _completed(bucket, key, stored, version)

    async def abort_multipart_upload(self, **arguments: Any) -> Answer:
        """Throw an upload away. Raises PreconditionFailed if it didn't begin at IfMatchInitiatedTime."""
        bucket = self.bucket(arguments["Bucket"])
        upload = bucket.upload(arguments["UploadId"], arguments["Key"])
        moment = arguments.get("IfMatchInitiatedTime")
        if moment is not None and int(moment.timestamp()) != int(upload.initiated.timestamp()):
            raise S3Error("PreconditionFailed", Condition="x-amz-if-match-initiated-time")
        del bucket.uploads[upload.id]
        return {}

    async def list_multipart_uploads(self, **arguments: Any) -> Answer:
        """One page of the uploads under way."""
        bucket = self.bucket(arguments["Bucket"])
        rows = sorted((upload.key, upload.id, upload) for upload in bucket.uploads.values())
        cursor = SortedCursor.of((key, upload) for key, _, upload in rows)
        return list_multipart_uploads(arguments, cursor, _entry, lambda upload: upload.id)

    async def list_parts(self, **arguments: Any) -> Answer:
        """One page of an upload's parts."""
        bucket = self.bucket(arguments["Bucket"])
        upload = bucket.upload(arguments["UploadId"], arguments["Key"])
        return _parts(arguments, upload)


def _promised(promise: Promise) -> dict[str, str]:
    if promise.algorithm is None or promise.type is None:
        return {}
    return {"ChecksumAlgorithm": promise.algorithm, "ChecksumType": promise.type}


def _completed(bucket: Bucket, key: str, stored: Stored, version: Answer) -> Answer:
    return {"Bucket": bucket.name, "Key": key, "ETag": stored.etag, **version, **stored.checksum.answer()}


def _entry(key: str, upload: Upload) -> Entry:
    return {
        "Key": key,
        "UploadId": upload.id,
        "Initiated": upload.initiated,
        "StorageClass": upload.properties.get("StorageClass", "STANDARD"),
        "Owner": upload.owner,
        "Initiator": upload.owner,
        **_promised(upload.promise),
    }


def _parts(arguments: dict[str, Any], upload: Upload) -> Answer:
    numbers = sorted(upload.parts)
    shown, answer = page(numbers, arguments.get("PartNumberMarker"), arguments.get("MaxParts"))
    rows = [_row(upload.parts[number], upload.promise) for number in numbers[shown]]
    if rows:
        answer["Parts"] = rows
    described = _entry(upload.key, upload)
    del described["Initiated"]
    return {"Bucket": arguments["Bucket"], **described, **answer}


def _row(stored: StoredPart, promise: Promise) -> Entry:
    part = stored.part
    return {
        "PartNumber": part.number,
        "LastModified": stored.last_modified,
        "ETag": part.etag,
        "Size": part.size,
        **part_checksum(part, promise),
    }
