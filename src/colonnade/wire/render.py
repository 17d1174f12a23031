"""Answers and errors into HTTP responses.

Compiled from the model per operation: status, headers, and how the body is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from colonnade.body import Body, as_body
from colonnade.errors import S3Error
from colonnade.model import OPERATIONS, Operation
from colonnade.wire import echo, extras, failure, markup, pages, route, versions
from colonnade.wire.address import Target
from colonnade.wire.headers import Headers, Lines
from colonnade.wire.headers import value as header_value
from colonnade.wire.request import Request

#: An answer into a body and its content type; no content type where there is no body.
Writer: TypeAlias = Callable[[dict[str, Any]], tuple[bytes, bytes]]

_XML = b"application/xml"


@dataclass(slots=True)
class Response:
    """An HTTP response, its ids and the server's own headers left to the application."""

    status: int
    headers: Lines
    body: bytes | Body


@dataclass(frozen=True, slots=True)
class _Renderer:
    """How one operation's answers are written. `stream` names the member that is the body as it is."""

    status: int
    headers: Headers
    stream: str
    write: Writer


def render(operation: str, request: Request, arguments: Mapping[str, Any], answer: dict[str, Any]) -> Response:
    """The response to a request that was carried out. `arguments` are what `parse` made of it."""
    renderer = _RENDERERS.get(operation)
    if renderer is None:
        raise S3Error("NotImplemented")
    if operation in _ECHOING:
        answer = echo.fill(operation, request, arguments, answer)
        if operation in extras.LISTINGS and "encoding-type" in request.params:
            answer = echo.encode(answer, leave="Contents" if operation in _PAGES else "")
    lines = renderer.headers.lines(answer)
    if operation in extras.OVERRIDABLE:
        return _object(renderer, request, answer, lines)
    if renderer.stream:
        return Response(renderer.status, lines, _stream(renderer, answer, lines))
    body, content_type = renderer.write(answer)
    if content_type:
        lines.append((b"content-type", content_type))
    if renderer.status != 204:
        lines.append((b"content-length", b"%d" % len(body)))
    return Response(renderer.status, lines, body)


def render_error(
    error: S3Error,
    request: Request | None,
    operation: str | None,
    target: Target | None,
    request_id: str,
    host_id: str,
) -> Response:
    """The response to a request that was refused. What is known of it may be None. HEAD and 304 have no body."""
    lines = _BESIDE.lines(error.output)
    if error.status == 304:
        if request is not None and operation in extras.OVERRIDABLE:
            _override(request, lines, _CACHED)
        return Response(304, lines, b"")
    if error.status == 405 and target is not None:
        # "The only operation you can use on a delete marker is DELETE", says S3's user guide.
        marker = error.output.get("DeleteMarker")
        lines.append((b"allow", b"DELETE" if marker else route.allowed(target, request).encode()))
    lines.append((b"content-type", _XML))
    if request is not None and request.method == "HEAD":
        return Response(error.status, lines, b"")
    body = failure.document(error, request, target, request_id, host_id)
    lines.append((b"content-length", b"%d" % len(body)))
    return Response(error.status, lines, body)


def _object(renderer: _Renderer, request: Request, answer: dict[str, Any], lines: Lines) -> Response:
    """The answer to GetObject and HeadObject."""
    if request.asked and not extras.OVERRIDES.keys().isdisjoint(request.asked):
        _override(request, lines)
    if "ContentType" not in answer and "response-content-type" not in request.params:
        lines.append((b"content-type", extras.DEFAULT_CONTENT_TYPE))
    status = 206 if answer.get("ContentRange") else 200
    return Response(status, lines, _stream(renderer, answer, lines) if renderer.stream else b"")


def _stream(renderer: _Renderer, answer: dict[str, Any], lines: Lines) -> Body:
    """The member that is the body, its length said if anybody knows it."""
    body = as_body(answer.get(renderer.stream))
    if answer.get("ContentLength") is None and body.length is not None:
        lines.append((b"content-length", b"%d" % body.length))
    return body


#: ``response-*`` parameters that a 304 heeds too: it tells caches what 200 would have told them (RFC 9110 §15.4.5).
_CACHED = {name: extras.OVERRIDES[name] for name in ("response-cache-control", "response-expires")}


def _override(request: Request, lines: Lines, overrides: Mapping[str, bytes] = extras.OVERRIDES) -> None:
    """Put ``response-*`` parameters in the place of what was stored."""
    given = {overrides[name]: text for name, text in request.params.items() if name in overrides}
    lines[:] = [line for line in lines if line[0] not in given]
    lines.extend((name, _latin(text)) for name, text in given.items())


def _latin(text: str) -> bytes:
    """ISO-8859-1, as S3 says header values are; `parse` refused what can't be."""
    return header_value(text) if text.isascii() else header_value(text).decode().encode("latin-1", "replace")


def _writer(operation: Operation) -> Writer:
    """How the body of an operation's answers is written."""
    output, root = operation.output, extras.ROOTS.get(operation.name, "")
    payload = output.payload
    if operation.name == "GetBucketLocation":
        return lambda answer: (markup.document(root, _location, answer.get("LocationConstraint") or ""), _XML)
    if operation.name in _PAGES:
        page = _PAGES[operation.name]
        return lambda answer: (markup.document(root, page, answer), _XML)
    if payload is not None and payload.shape.kind == "structure":
        inner, name = markup.content(payload.shape.members), root or payload.wire
        return lambda answer: (markup.document(name, inner, answer.get(payload.name) or {}), _XML)
    if payload is not None and payload.shape.kind == "string":
        kind = extras.TEXT_TYPES[operation.name]
        return lambda answer: (str(answer.get(payload.name) or "").encode(), kind)
    if output.body:
        inner = markup.content(output.body)
        return lambda answer: (markup.document(root, inner, answer), _XML)
    return lambda _answer: (b"", b"")


#: The inside of the answers that have a template, and of those that aren't member by member.
_PAGES = {"ListObjects": pages.v1, "ListObjectsV2": pages.v2, "ListObjectVersions": versions.page}

#: Operations whose answers say something of the request.
_ECHOING = frozenset({*extras.ECHOES, "CompleteMultipartUpload", "CreateBucket"})


def _location(value: str, append: markup.Append) -> None:
    """GetBucketLocation: the region stands in the root itself, nothing for us-east-1."""
    append("" if value == "us-east-1" else markup.escape(value))


def _compile(operation: Operation) -> _Renderer:
    payload = operation.output.payload
    return _Renderer(
        extras.STATUSES.get(operation.name, operation.status),
        Headers(operation.output),
        payload.name if payload is not None and payload.shape.kind == "blob" else "",
        _writer(operation),
    )


#: What S3 says in headers beside an error, whatever was to be done: ETag, Last-Modified, delete marker, version id.
_BESIDE = Headers(OPERATIONS["GetObject"].output)

_RENDERERS = {name: _compile(each) for name, each in OPERATIONS.items() if name not in extras.UNRENDERED}
