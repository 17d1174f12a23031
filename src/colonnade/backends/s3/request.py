"""Arguments into a request: botocore's serialiser, and what its handlers would have done."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote

from botocore.serialize import create_serializer

from colonnade import model
from colonnade.backend import Arguments
from colonnade.backends.s3 import plain
from colonnade.backends.s3.upload import Upload, algorithm_of, computed, gather
from colonnade.body import BytesBody, as_body
from colonnade.errors import S3Error
from colonnade.model import OPERATIONS, Operation
from colonnade.rules import copysource, rfc2047

#: Listings whose keys may hold what XML can't: asked for percent-encoded.
ENCODED = frozenset({"ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2"})

#: Operations that the second time answer an error for having been carried out the first time.
_ONCE = frozenset({"AbortMultipartUpload", "CreateBucket", "DeleteBucket", "RenameObject"})

_CONDITIONS = frozenset({"if-match", "if-none-match"})
_serializer = create_serializer("rest-xml", include_validation=False)


@dataclass(slots=True)
class Request:
    """A request, unsigned and without a host. `path` is in path style and percent-encoded, `query` decoded pairs.

    `body` is in memory, or `upload` is a stream. Names of headers are in lower case.
    """

    operation: str
    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    upload: Upload | None = None

    def repeatable(self) -> bool:
        """Whether carrying it out twice does no harm, should the first answer have been lost."""
        if self.upload is not None or self.operation in _ONCE or "x-amz-write-offset-bytes" in self.headers:
            return False
        return self.method in ("GET", "HEAD", "PUT", "DELETE") and not _CONDITIONS & self.headers.keys()


async def build(operation: str, arguments: Arguments, *, sums: bool = True) -> Request:
    """The request of an operation. A small upload, or one of unknown length, has been read then.

    Without `sums` no checksum of a body is computed for the upstream; one that the client gave goes along.
    """
    about = OPERATIONS[operation]
    arguments = _arguments(about, arguments)
    request = _plain(operation, arguments)
    if request is not None:
        return request
    payload = about.input.payload
    streams = payload is not None and payload.shape.kind == "blob"
    content = arguments.pop(payload.name, b"") if streams and payload is not None else None
    arguments.pop("ContentLength", None)
    made = _serializer.serialize_to_request(arguments, model.service().operation_model(operation))
    path, _, constants = made["url_path"].partition("?")
    request = Request(operation, made["method"], path, parse_qsl(constants, keep_blank_values=True))
    request.query += [(name, _text(value)) for name, value in made["query_string"].items()]
    request.headers = {name.lower(): _header(name, value) for name, value in made["headers"].items()}
    if streams:
        await _stream(request, about, arguments if sums else _unsummed(arguments), content)
    else:
        _buffer(request, about, made["body"] or b"")
    return request


def _plain(operation: str, arguments: Arguments) -> Request | None:
    made = plain.write(operation, arguments)
    if made is None:
        return None
    headers = {name.lower(): _header(name, value) for name, value in made.headers.items()}
    return Request(operation, made.method, made.path, made.query, headers)


def in_region(arguments: Arguments, region: str) -> Arguments:
    """CreateBucket's arguments as AWS takes them in a region: clients know of no region but the gateway's."""
    configuration = dict(arguments.get("CreateBucketConfiguration") or {})
    configuration.pop("LocationConstraint", None)
    if region != "us-east-1":  # which is no constraint, and refused as one
        configuration["LocationConstraint"] = region
    return {**arguments, "CreateBucketConfiguration": configuration or None}


def _arguments(about: Operation, arguments: Arguments) -> Arguments:
    """The arguments as the serialiser takes them."""
    unknown = arguments.keys() - _known(about.name)
    if unknown:
        raise S3Error("InvalidArgument", f"{about.name} has no argument {', '.join(sorted(unknown))}")
    if arguments.get("Key") == "":  # it would be the bucket itself that is asked for
        raise S3Error("InvalidArgument", ArgumentName="Key")
    taken = {name: value for name, value in arguments.items() if value is not None}
    if "CopySource" in taken:
        taken["CopySource"] = _copy_source(copysource.parse(taken["CopySource"]))
    if isinstance(taken.get("Expires"), datetime):
        taken["Expires"] = format_datetime(taken["Expires"], usegmt=True)
    if about.name in ENCODED:
        taken["EncodingType"] = "url"
    return taken


@cache
def _known(operation: str) -> frozenset[str]:
    """The arguments that an operation has."""
    shape = OPERATIONS[operation].input.shape
    return frozenset(member.name for member in shape.members) if shape is not None else frozenset()


def _unsummed(arguments: Arguments) -> Arguments:
    return {name: value for name, value in arguments.items() if name != "ChecksumAlgorithm"}


def _copy_source(source: dict[str, str]) -> str:
    version = f"?versionId={quote(source['VersionId'], safe='~')}" if "VersionId" in source else ""
    return quote(f"{source['Bucket']}/{source['Key']}", safe="/~") + version


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _header(name: str, value: Any) -> str:
    text = str(value)
    if name.lower().startswith("x-amz-meta-"):
        return rfc2047.encode(text)
    if any(character in text for character in "\r\n\0"):
        raise S3Error("InvalidArgument", ArgumentName=name)
    return text


def _buffer(request: Request, about: Operation, body: bytes | str) -> None:
    """A body that is XML or JSON; its MD5 where S3 asks for a digest: every S3 service knows that one."""
    data = body.encode() if isinstance(body, str) else body
    if data.startswith(b"<"):  # XML's parsers turn a bare CR into LF (XML 1.0 §2.11)
        data = data.replace(b"\r", b"&#xD;")
    request.body = data
    if data and about.checksum_required and "content-md5" not in request.headers:
        request.headers["content-md5"] = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()


async def _stream(request: Request, about: Operation, arguments: Arguments, content: Any) -> None:
    """A body that is stored, and its checksum: the client's, else one of the algorithm it named."""
    body = await gather(as_body(content))
    name = arguments.get("ChecksumAlgorithm") if about.algorithm_member else None
    algorithm = algorithm_of(name) if name else None
    if algorithm is None:
        request.headers.pop("x-amz-sdk-checksum-algorithm", None)  # it stands only beside a checksum
    elif algorithm.argument in arguments:
        algorithm = None
    header = "" if algorithm is None else f"x-amz-checksum-{algorithm.name.lower()}"
    if isinstance(body, BytesBody):
        request.body = body.data
        if algorithm is not None:
            request.headers[header] = body.trailers.get(algorithm.argument) or computed(algorithm, body.data)
        return
    request.upload = Upload(body, algorithm, header)
    if algorithm is not None:
        encoding = request.headers.get("content-encoding")
        request.headers["content-encoding"] = f"aws-chunked,{encoding}" if encoding else "aws-chunked"
        request.headers["x-amz-trailer"] = header
        request.headers["x-amz-decoded-content-length"] = str(request.upload.decoded)
