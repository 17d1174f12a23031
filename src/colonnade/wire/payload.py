"""The body of a request, decoded and verified while it streams.

Nothing is received before the body is first iterated, so that an upload with ``Expect: 100-continue`` is
refused before it is sent.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any

from colonnade import sigv4
from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.wire.chunked import Chain, Decoder
from colonnade.wire.request import Request
from colonnade.wire.trailer import checksum_algorithm

if TYPE_CHECKING:
    from colonnade.wire.signature import Signed

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

#: The most that may be uploaded in one request, in bytes.
MAX_BODY = 5 * 1024**3

#: Received pieces are gathered to at least this many bytes before they are handed on ...
GATHER = 256 * 1024

#: ... and hashed in a thread from this many on: there the hash runs beside the next receive.
IN_THREAD = 128 * 1024

#: How much of a refused upload is read and thrown away, in bytes and seconds, so that clients which send before
#: they read (most do) see the refusal rather than a reset connection.
DISCARD_BYTES = 1024 * 1024
DISCARD_SECONDS = 2.0


class ClientDisconnectedError(Exception):
    """The client went away; there is nobody to answer."""


class RequestBody(Body):
    """What a client sends, as received.

    `declared` is its Content-Length, None for a chunked transfer; `waits` says that the client sends nothing
    before it is asked for it, `has_body` whether anything comes at all.
    """

    #: The most bytes taken of a body that declares no length.
    limit = MAX_BODY

    def __init__(self, receive: Receive, declared: int | None, waits: bool, has_body: bool) -> None:
        super().__init__(declared if has_body else 0)
        self._receive = receive
        self.declared = declared
        self.waits = waits
        self.has_body = has_body
        self.count = 0
        self.ended = not has_body or declared == 0

    async def next(self) -> bytes:
        """The next gathered piece, empty at the end."""
        gathered: list[bytes] = []
        size = 0
        while not self.ended and size < GATHER:
            message = await self._receive_message()
            piece = message.get("body", b"")
            if piece:
                gathered.append(piece)
                size += len(piece)
            self.ended = not message.get("more_body", False)
        self.count += size
        if self.declared is not None and (self.count > self.declared or (self.ended and self.count < self.declared)):
            raise S3Error("IncompleteBody")
        if self.declared is None and self.count > self.limit:
            raise S3Error("EntityTooLarge", MaxSizeAllowed=self.limit)
        return gathered[0] if len(gathered) == 1 else b"".join(gathered)

    async def read(self) -> bytes:
        """See Body. What is small is one piece."""
        piece = await self.next()
        return piece if self.ended else piece + await super().read()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces()

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := await self.next():
            yield piece

    async def _receive_message(self) -> MutableMapping[str, Any]:
        self.waits = False
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnectedError
        return message

    async def discard(self) -> None:
        """Throw the rest away, within bounds; a client that waits to be asked for it is not asked."""
        if self.waits:
            return
        try:
            async with asyncio.timeout(DISCARD_SECONDS):
                left = DISCARD_BYTES
                while left > 0 and not self.ended:
                    left -= len(await self.next())
        except (TimeoutError, S3Error, ClientDisconnectedError):
            self.ended = True


class HashedBody(Body):
    """A body whose SHA-256 the client signed."""

    def __init__(self, inner: RequestBody, expected: str) -> None:
        super().__init__(inner.length)
        self.inner = inner
        self.expected = expected

    async def __aiter__(self) -> AsyncIterator[bytes]:
        digest = hashlib.sha256()
        async for piece in self.inner:
            if len(piece) < IN_THREAD:
                digest.update(piece)
                yield piece
            else:
                hashing = asyncio.get_running_loop().run_in_executor(None, digest.update, piece)
                try:
                    yield piece
                finally:
                    await hashing
        if digest.hexdigest() != self.expected:
            raise _mismatch(self.expected, digest.hexdigest())


class ChunkedBody(Body):
    """An aws-chunked body."""

    def __init__(self, inner: RequestBody, decoder: Decoder) -> None:
        super().__init__(decoder.length)
        self.inner = inner
        self.decoder = decoder

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for raw in self.inner:
            if self.decoder.chain is None or len(raw) < IN_THREAD:
                piece = self._decode(raw)
            else:  # signed chunks are hashed
                piece = await asyncio.get_running_loop().run_in_executor(None, self._decode, raw)
            if piece:
                yield piece
        self.decoder.end()
        self.trailers.update(self.decoder.trailers)

    def _decode(self, raw: bytes) -> bytes:
        pieces = list(self.decoder.feed(raw))
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def open_body(request: Request, signed: Signed | None, receive: Receive) -> Body:
    """The body of `request`, to be iterated once.

    Raises S3Error for a declaration that can't be right; iterating raises S3Error for a body that is not what
    was declared or signed, and ClientDisconnectedError.
    """
    headers = request.headers
    payload = signed.payload if signed is not None else headers.get("x-amz-content-sha256", sigv4.UNSIGNED)
    if payload in _OF_NONE and headers.keys().isdisjoint(_OF_BODIES):
        return _NONE
    raw = _received(request, receive)
    if payload.startswith("STREAMING-"):
        return ChunkedBody(raw, _decoder(request, signed, payload))
    if "x-amz-trailer" in headers:
        raise S3Error("InvalidRequest", "The x-amz-trailer header needs an aws-chunked body")
    if raw.declared is not None:
        _check_size(raw.declared)
    if signed is None or payload == sigv4.UNSIGNED or (raw.ended and payload == sigv4.EMPTY_SHA256):
        return raw
    if raw.ended:
        raise _mismatch(payload, sigv4.EMPTY_SHA256)
    return HashedBody(raw, payload)


async def _nothing() -> MutableMapping[str, Any]:
    raise ClientDisconnectedError


#: Headers that say something of a body, and what is signed of none.
_OF_BODIES = ("content-length", "transfer-encoding", "expect", "x-amz-trailer")
_OF_NONE = (sigv4.UNSIGNED, sigv4.EMPTY_SHA256)

#: The body of all requests that have none.
_NONE = RequestBody(_nothing, None, waits=False, has_body=False)


def require_length(body: Body) -> None:
    """Raise MissingContentLength if an upload came without any length and without chunks."""
    raw = getattr(body, "inner", body)
    if isinstance(raw, RequestBody) and not raw.has_body:
        raise S3Error("MissingContentLength")


async def discard(body: Body) -> None:
    """Throw away what is left of a refused upload, within bounds."""
    raw = getattr(body, "inner", body)
    if isinstance(raw, RequestBody):
        await raw.discard()


def held_back(request: Request, body: Body | None) -> bool:
    """Whether a client still waits for 100 Continue with an upload that was never asked for.

    Its connection can't be used again: the server would take the next request's head for that upload.
    """
    if body is None:
        return _waits(request)
    raw = getattr(body, "inner", body)
    return isinstance(raw, RequestBody) and raw.waits and not raw.ended


def _waits(request: Request) -> bool:
    return request.headers.get("expect", "").lower() == "100-continue"


def _received(request: Request, receive: Receive) -> RequestBody:
    declared = _number(request, "content-length")
    chunked = "chunked" in request.headers.get("transfer-encoding", "").lower()
    return RequestBody(receive, None if chunked else declared, _waits(request), chunked or declared is not None)


def _check_size(size: int) -> None:
    if size > MAX_BODY:
        raise S3Error("EntityTooLarge", ProposedSize=size, MaxSizeAllowed=MAX_BODY)


def _mismatch(expected: str, computed: str) -> S3Error:
    return S3Error("XAmzContentSHA256Mismatch", ClientComputedContentSHA256=expected, S3ComputedContentSHA256=computed)


def _number(request: Request, name: str) -> int | None:
    text = request.headers.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise S3Error("InvalidArgument", ArgumentName=name, ArgumentValue=text)
    return int(text)


def _decoder(request: Request, signed: Signed | None, payload: str) -> Decoder:
    length = _number(request, "x-amz-decoded-content-length")
    if length is None:
        raise S3Error("MissingContentLength")
    _check_size(length)
    trailer = None
    if payload.endswith("-TRAILER"):
        trailer = request.headers.get("x-amz-trailer", "").strip().lower() or None
        if trailer is not None:
            checksum_algorithm(trailer)
    chain = None
    if payload in (sigv4.STREAMING_SIGNED, sigv4.STREAMING_SIGNED_TRAILER):
        if signed is None:
            raise S3Error("AccessDenied")
        chain = Chain(signed.key, signed.timestamp, signed.scope, signed.signature)
    elif payload != sigv4.STREAMING_UNSIGNED_TRAILER:
        raise S3Error("NotImplemented", "Signatures of kind SigV4A are not supported here.")
    return Decoder(length, chain, trailer)
