"""The arguments that stand in a request's line and headers.

Compiled from the model per operation: one look-up for each header and parameter that was sent, none for those
that weren't.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from colonnade.errors import S3Error
from colonnade.model import Member, Operation
from colonnade.rules import attributes, copysource, rfc2047, versions
from colonnade.wire import extras
from colonnade.wire.address import Target
from colonnade.wire.request import Request
from colonnade.wire.values import Converter, converter, header_list

Arguments: TypeAlias = dict[str, Any]
#: The argument ('' for none) and what makes its value of the text.
Entry: TypeAlias = tuple[str, Converter | None]

#: Headers that say nothing when they are empty.
_DESCRIPTIVE = frozenset(
    {"cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"}
)

#: Checked against the body that was received, and passed on as what was found (Content-Length) or not at all.
_OF_THE_BODY = frozenset({"content-length"})

#: In every request that is signed in its headers, and said to nobody but who verifies that.
_OF_THE_SIGNATURE = frozenset({"x-amz-date", "x-amz-content-sha256"})


@dataclass(frozen=True, slots=True)
class Head:
    """Reads the line and headers of one operation's requests."""

    headers: dict[str, Entry]
    query: dict[str, Entry]
    required: tuple[Member, ...]
    metadata: bool
    trailer: bool
    overridable: bool

    def read(self, request: Request, target: Target) -> Arguments:
        """The arguments. Raises S3Error for what isn't of its type, is missing, or asks for encryption."""
        arguments: Arguments = {}
        if target.bucket is not None:
            arguments["Bucket"] = target.bucket
            if target.key is not None:
                arguments["Key"] = target.key
        headers = self.headers
        for name, value in request.headers.items():
            entry = headers.get(name)
            if entry is not None:
                if value or name not in _DESCRIPTIVE:
                    _take(arguments, entry, name, value)
            elif name.startswith("x-amz-") and name not in _OF_THE_SIGNATURE:
                self._amz(arguments, name, value)
        if request.asked:
            self._query(arguments, request)
        for member in self.required:
            if member.name not in arguments:
                if member.name == "ObjectAttributes":
                    raise attributes.missing()
                raise S3Error("InvalidArgument", f"Missing required parameter: {member.wire}", ArgumentName=member.wire)
        return arguments

    def _amz(self, arguments: Arguments, name: str, value: str) -> None:
        """A header of Amazon's that isn't a single argument."""
        if name.startswith("x-amz-meta-"):
            if self.metadata and len(name) > 11:
                arguments.setdefault("Metadata", {})[name[11:]] = rfc2047.decode(value)
        elif name.startswith(extras.ENCRYPTION_PREFIXES):  # one that the operation doesn't have
            raise S3Error("NotImplemented", Header=name)
        elif name == "x-amz-trailer" and self.trailer:
            arguments["ChecksumAlgorithm"] = announced(value)

    def _query(self, arguments: Arguments, request: Request) -> None:
        for name, value in request.asked.items():
            entry = self.query.get(name)
            if entry is not None:
                _take(arguments, entry, name, value)
        if self.overridable and not extras.OVERRIDES.keys().isdisjoint(request.asked):
            _check_overrides(request)


def compile_head(operation: Operation) -> Head:
    """The reader of an operation's head."""
    message = operation.input
    in_head = (*message.query, *message.headers)
    query = {m.wire: _entry(m) for m in message.query if m.wire not in extras.OVERRIDES}
    return Head(
        {m.wire.lower(): _entry(m) for m in message.headers if m.wire.lower() not in _OF_THE_BODY},
        query | {name: ("", _never(name)) for name in extras.REFUSED.get(operation.name, ())},
        tuple(m for m in in_head if m.name in message.required),
        message.prefix is not None,
        bool(operation.algorithm_member) and _streams(operation),
        operation.name in extras.OVERRIDABLE,
    )


def _streams(operation: Operation) -> bool:
    payload = operation.input.payload
    return payload is not None and payload.shape.kind == "blob"


def _entry(member: Member) -> Entry:
    special = _SPECIAL.get(member.name)
    if special is not None:
        return member.name, special
    if member.name in extras.WIRE_QUERY:
        return "", converter(member.shape)
    return member.name, header_list(member) if member.shape.kind == "list" else converter(member.shape)


def _never(name: str) -> Converter:
    """Refuses a parameter that isn't the operation's."""

    def refuse(_text: str) -> None:
        raise S3Error("InvalidArgument", extras.REFUSED_BECAUSE[name], ArgumentName=name)

    return refuse


def _take(arguments: Arguments, entry: Entry, wire: str, text: str) -> None:
    """Put one argument where it belongs."""
    name, convert = entry
    if not text and wire in extras.EMPTY_IS_ABSENT:
        return
    if convert is None:
        arguments[name] = text
        return
    try:
        value = convert(text)
    except ValueError:
        if wire in extras.LENIENT_DATES:
            return
        raise _wrong(wire, text) from None
    if name and value is not None:
        arguments[name] = value


def _wrong(wire: str, text: str) -> S3Error:
    """What S3 says of a value that isn't of its type."""
    code, message = extras.ENUM_ERRORS.get(wire, ("InvalidArgument", ""))
    if not message:
        message = extras.NUMBER_ERRORS.get(wire, "")
    message = message.replace("{value}", text) or f"The value of {wire} is not valid"
    return S3Error(code, message, ArgumentName=wire, ArgumentValue=text)


def _content_encoding(text: str) -> str | None:
    """Without ``aws-chunked``, which says how the body came, not what it is; None if that was all."""
    kept = [piece.strip() for piece in text.split(",") if piece.strip().lower() not in ("aws-chunked", "")]
    return ",".join(kept) or None


def _delimiter(text: str) -> str | None:
    """An empty delimiter delimits nothing; S3 doesn't say it back either."""
    return text or None


def _version_id(text: str) -> str:
    if not text:
        raise versions.empty_id()
    return text


def announced(text: str) -> str:
    """The checksum algorithm that a trailer was announced for."""
    name = text.strip().lower()
    algorithm = name.removeprefix("x-amz-checksum-").upper()
    if name == algorithm.lower() or algorithm not in extras.ALGORITHMS:
        raise S3Error("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
    return algorithm


def _check_overrides(request: Request) -> None:
    """``response-*`` parameters need a signature, and must be able to stand in a header."""
    for name, value in request.params.items():
        if name not in extras.OVERRIDES:
            continue
        if "authorization" not in request.headers and "X-Amz-Signature" not in request.params:
            raise S3Error(
                "InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests."
            )
        if any(ord(c) > 255 or (ord(c) < 32 and c != "\t") or ord(c) == 127 for c in value):
            raise S3Error(
                "InvalidArgument",
                "Header value cannot be represented using ISO-8859-1.",
                ArgumentName=name,
                ArgumentValue=value,
            )


_SPECIAL: dict[str, Callable[[str], Any]] = {
    "ContentEncoding": _content_encoding,
    "CopySource": copysource.parse_header,
    "Delimiter": _delimiter,
    "VersionId": _version_id,
}
