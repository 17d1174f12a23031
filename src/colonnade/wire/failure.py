"""An S3Error as S3's error document."""

from __future__ import annotations

from typing import Any

from colonnade.errors import S3Error
from colonnade.wire.address import Target
from colonnade.wire.markup import HEADER, escape
from colonnade.wire.request import Request

#: What S3 names in an error beside code and message, where whoever raised it didn't: code -> fields.
_NAMED = {
    "NoSuchBucket": ("BucketName",),
    "BucketAlreadyExists": ("BucketName",),
    "BucketAlreadyOwnedByYou": ("BucketName",),
    "BucketNotEmpty": ("BucketName",),
    "InvalidBucketName": ("BucketName",),
    "NoSuchBucketPolicy": ("BucketName",),
    "NoSuchTagSet": ("BucketName",),
    "NoSuchCORSConfiguration": ("BucketName",),
    "NoSuchWebsiteConfiguration": ("BucketName",),
    "NoSuchLifecycleConfiguration": ("BucketName",),
    "NoSuchPublicAccessBlockConfiguration": ("BucketName",),
    "OwnershipControlsNotFoundError": ("BucketName",),
    "ObjectLockConfigurationNotFoundError": ("BucketName",),
    "ReplicationConfigurationNotFoundError": ("BucketName",),
    "ServerSideEncryptionConfigurationNotFoundError": ("BucketName",),
    "NoSuchKey": ("Key",),
    "NoSuchVersion": ("Key", "VersionId"),
    "NoSuchUpload": ("UploadId",),
    "MethodNotAllowed": ("Method",),
}
_PARAMS = {"VersionId": "versionId", "UploadId": "uploadId"}


def document(error: S3Error, request: Request | None, target: Target | None, request_id: str, host_id: str) -> bytes:
    """The error document: code, message, the error's fields, and the ids to ask the operator about."""
    pieces = [HEADER, f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"]
    for name, value in _fields(error, request, target).items():
        pieces.append(f"<{name}>{escape(_text(value))}</{name}>")
    pieces.append(f"<RequestId>{escape(request_id)}</RequestId><HostId>{escape(host_id)}</HostId></Error>")
    return "".join(pieces).encode()


def _fields(error: S3Error, request: Request | None, target: Target | None) -> dict[str, Any]:
    """The error's own fields, and those S3 says anyway."""
    fields = dict(error.fields)
    for name in _NAMED.get(error.code, ()):
        if name in fields:
            continue
        value = _known(name, request, target)
        if value is not None:
            fields[name] = value
    return fields


def _known(name: str, request: Request | None, target: Target | None) -> str | None:
    """A field's value as the request has it."""
    if name in _PARAMS:
        return request.query_get(_PARAMS[name]) if request is not None else None
    if name == "Method":
        return request.method if request is not None else None
    if target is None:
        return None
    return target.key if name == "Key" else target.bucket


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
