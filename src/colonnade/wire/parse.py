"""A request into the arguments of its operation: boto3's names, boto3's types.

Not passed on, because they are settled here: EncodingType and the ``Response*`` overrides (they shape the
answer), ContentMD5 and the checksums of bodies that are XML or JSON (they were checked).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.model import OPERATIONS, Member, Operation
from colonnade.wire import content, document, extras
from colonnade.wire.address import Target
from colonnade.wire.head import Arguments, Head, compile_head
from colonnade.wire.request import Request

#: The bytes of a body into arguments.
Decoder: TypeAlias = Callable[[bytes], Arguments]


@dataclass(frozen=True, slots=True)
class _Parser:
    """How one operation's requests are read. Either `stream` names the argument that is the body, or `decode`
    makes arguments of it, or it has none."""

    head: Head
    stream: str
    decode: Decoder | None
    body_required: bool
    checksummed: bool


async def parse(operation: str, request: Request, target: Target, body: Body) -> Arguments:
    """The arguments of `operation`, one of the model's. Raises S3Error."""
    parser = _PARSERS[operation]
    arguments = parser.head.read(request, target)
    if parser.stream:
        _take_stream(arguments, parser.stream, request, body)
    elif parser.decode is not None:
        await _take_content(arguments, operation, parser, request, body)
    return arguments


def _take_stream(arguments: Arguments, name: str, request: Request, body: Body) -> None:
    """The body as it comes, for the backend to read."""
    arguments[name] = body
    if body.length is not None and name == "Body":
        arguments["ContentLength"] = body.length
    if "x-amz-sdk-checksum-algorithm" in request.headers and not any(
        header == "x-amz-trailer" or header.startswith("x-amz-checksum-") for header in request.headers
    ):
        raise S3Error(
            "InvalidRequest",
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer "
            "headers were found.",
        )


async def _take_content(arguments: Arguments, operation: str, parser: _Parser, request: Request, body: Body) -> None:
    """The body read, checked and decoded."""
    assert parser.decode is not None
    data = await content.read(operation, request, body, parser.checksummed)
    arguments.pop("ContentMD5", None)
    if parser.checksummed:
        arguments.pop("ChecksumAlgorithm", None)
    if data:
        arguments.update(parser.decode(data))
    elif parser.body_required:
        raise S3Error("MissingRequestBodyError")


def _decoder(operation: Operation) -> Decoder | None:
    """The decoder of an operation's body, None if it has none or takes it as a stream."""
    payload, code = operation.input.payload, extras.MALFORMED.get(operation.name, "MalformedXML")
    if payload is None:
        shape = operation.input.shape
        if not operation.input.body or shape is None:
            return None
        return _whole(operation, code)
    if payload.shape.kind == "structure":
        return lambda data: {payload.name: document.read(data, payload, code)}
    if payload.shape.kind == "string":
        return lambda data: {payload.name: _text(data)}
    return None


def _whole(operation: Operation, code: str) -> Decoder:
    """A body whose root holds the operation's arguments themselves (SelectObjectContent)."""
    shape = operation.input.body_shape()
    return lambda data: dict(document.read_root(data, operation.root, shape, code))


def _text(data: bytes) -> str:
    """A body that is text: a bucket policy."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise S3Error("MalformedPolicy") from None


def _compile(operation: Operation) -> _Parser:
    payload: Member | None = operation.input.payload
    required = payload is not None and payload.name in operation.input.required
    return _Parser(
        compile_head(operation),
        payload.name if payload is not None and payload.shape.kind == "blob" else "",
        _decoder(operation),
        required or bool(operation.input.body) or operation.name in extras.BODY_REQUIRED,
        bool(operation.algorithm_member),
    )


_PARSERS: dict[str, _Parser] = {
    name: _compile(operation) for name, operation in OPERATIONS.items() if name not in extras.UNROUTED
}
