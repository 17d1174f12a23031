"""Bodies on their way up.

A small body is gathered first: it can be signed, sent again, and its checksum is known before its head is sent. A
larger one is streamed as it comes. S3 takes no upload of unknown length, so one that has none is spooled to a
temporary file. The last piece of a stream is held back until the body has ended well, for it may say only then that
it isn't what was promised: what was cut short is never stored.
"""

from __future__ import annotations

import asyncio
import base64
import os
import tempfile
from collections.abc import AsyncIterator, Iterator

from colonnade.body import Body, BytesBody, FileBody
from colonnade.errors import S3Error
from colonnade.rules.checksums import ALGORITHMS, Algorithm

#: Bytes up to which a body is gathered.
SMALL = 64 * 1024

#: Bytes of a chunk of an aws-chunked body.
CHUNK = 1024 * 1024


async def gather(body: Body) -> Body:
    """The body in memory if it is small, in a temporary file if its length is unknown, else as it is."""
    if body.length is None:
        return await _spool(body)
    if body.length > SMALL:
        return body
    gathered = BytesBody(await body.read())
    if gathered.length != body.length:
        raise S3Error("IncompleteBody")
    gathered.trailers = body.trailers
    return gathered


async def _spool(body: Body) -> Body:
    with tempfile.TemporaryFile() as file:
        async for piece in body:
            await asyncio.to_thread(file.write, piece)
        await asyncio.to_thread(file.flush)
        spooled = FileBody(os.dup(file.fileno()), 0, file.tell())
    spooled.trailers = body.trailers
    return spooled


def computed(algorithm: Algorithm, data: bytes) -> str:
    """A checksum, base64."""
    hasher = algorithm.new()
    hasher.update(data)
    return base64.b64encode(hasher.digest()).decode()


class Upload:
    """A streamed body as it goes over the wire, with a clock that stands still while the client is waited for.

    `length` counts what is sent. `failure` is what the client's body raised, if it did: aiohttp hides it. `touched`
    says that some of it was read, so that it can't be sent again. With `trailing` it is aws-chunked, with that
    checksum in its trailer: the client's own if it gave one.
    """

    def __init__(self, body: Body, trailing: Algorithm | None = None, header: str = "") -> None:
        assert body.length is not None
        self.decoded = body.length
        self.failure: Exception | None = None
        self.touched = False
        self.clock: asyncio.Timeout | None = None
        self.stall = self.answer = 30.0
        self._body = body
        self._trailing = trailing
        self._header = header
        self.length = self.decoded if trailing is None else self._framed_length(trailing)

    def _framed_length(self, trailing: Algorithm) -> int:
        frames = sum(map(len, _frames(self.decoded))) + 2 * len(list(_frames(self.decoded)))
        return frames + self.decoded + len(self._end(trailing, "=" * (4 * -(-trailing.size // 3))))

    def _end(self, trailing: Algorithm, value: str) -> bytes:
        return f"0\r\n{self._header}:{value}\r\n\r\n".encode()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.touched = True
        stream = self._held_back() if self._trailing is None else self._framed(self._trailing)
        async for piece in stream:
            yield piece

    async def _framed(self, trailing: Algorithm) -> AsyncIterator[bytes]:
        hasher = trailing.new()
        frames, left = _frames(self.decoded), 0
        async for piece in self._held_back():
            hasher.update(piece)
            view = memoryview(piece)
            while view:
                if not left:
                    frame = next(frames)
                    left = int(frame, 16)
                    yield frame
                yield bytes(view[:left]) if left < len(view) else bytes(view)
                taken = min(left, len(view))
                view, left = view[taken:], left - taken
                if not left:
                    yield b"\r\n"
        value = self._body.trailers.get(trailing.argument)
        yield self._end(trailing, value or base64.b64encode(hasher.digest()).decode())

    async def _held_back(self) -> AsyncIterator[bytes]:
        held, count = b"", 0
        pieces = aiter(self._body)
        try:
            while (piece := await self._next(pieces)) is not None:
                count += len(piece)
                if count > self.decoded:
                    raise S3Error("IncompleteBody")
                if held:
                    yield held
                held = piece
            if count != self.decoded:
                raise S3Error("IncompleteBody")
        except Exception as error:
            self.failure = error
            raise
        if held:
            yield held

    async def _next(self, pieces: AsyncIterator[bytes]) -> bytes | None:
        """The next piece; the time the client takes for it isn't counted."""
        if self.clock is not None:
            self.clock.reschedule(None)
        seconds = self.answer
        try:
            piece = await anext(pieces, None)
            seconds = self.answer if piece is None else self.stall
            return piece
        finally:
            if self.clock is not None:
                self.clock.reschedule(asyncio.get_running_loop().time() + seconds)


def _frames(length: int) -> Iterator[bytes]:
    """The lines that announce the chunks of an aws-chunked body."""
    for position in range(0, length, CHUNK):
        yield b"%x\r\n" % min(CHUNK, length - position)


def algorithm_of(name: str) -> Algorithm:
    """A checksum algorithm by S3's name. Raises InvalidRequest."""
    found = ALGORITHMS.get(name.upper())
    if found is None:
        raise S3Error("InvalidRequest", "Checksum algorithm provided is unsupported.")
    return found
