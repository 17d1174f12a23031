"""The aws-chunked encoding: a state machine from bytes on the wire to the bytes that were meant.

Pure and synchronous: bytes in, decoded pieces out, S3Error for what is not well formed or not signed. Source:
Amazon S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
Chunks" and "... with trailing headers".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.wire.trailer import Trailer

#: Bytes of a chunk's header line, and of a trailer's.
MAX_LINE = 1024

#: Every chunk but the last must be this long, in bytes.
MIN_CHUNK = 8192

_HEADER = re.compile(rb"([0-9a-fA-F]{1,16})(?:;chunk-signature=([0-9a-f]{64}))?")


class Chain:
    """The signatures of a body's chunks: each signs its data and the one before."""

    def __init__(self, key: bytes, timestamp: str, scope: str, seed: str) -> None:
        self.key = key
        self.timestamp = timestamp
        self.scope = scope
        self.previous = seed

    def check_chunk(self, digest: str, given: str) -> None:
        """Verify a chunk by the SHA-256 of its data. Raises SignatureDoesNotMatch."""
        self._check(sigv4.chunk_string_to_sign(self.timestamp, self.scope, self.previous, digest), given)

    def check_trailer(self, lines: bytes, given: str) -> None:
        """Verify the trailer's ``name:value\\n`` lines. Raises SignatureDoesNotMatch."""
        self._check(sigv4.trailer_string_to_sign(self.timestamp, self.scope, self.previous, lines), given)

    def _check(self, text: str, given: str) -> None:
        if not sigv4.same(sigv4.signature(self.key, text), given):
            raise S3Error("SignatureDoesNotMatch", StringToSign=text, SignatureProvided=given)
        self.previous = given


class Decoder:
    """Decodes one body.

    `length` is what it must decode to, in bytes; `chain` verifies chunks if they are signed; `trailer` is the
    name of the one trailing header announced, None for a body without trailers. Once `finished`, `trailers`
    holds what came, in S3's argument names.
    """

    def __init__(self, length: int, chain: Chain | None = None, trailer: str | None = None) -> None:
        self.length = length
        self.chain = chain
        self.trailers: dict[str, str] = {}
        self.finished = False
        self._trailer = Trailer(trailer, signed=chain is not None)
        self._pending = bytearray()
        self._decoded = 0
        self._left = 0
        self._chunk = 0
        self._size = MIN_CHUNK
        self._signature = ""
        self._hash = hashlib.sha256()
        self._step: Callable[[], bytes | None] = self._chunk_header

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces that `data` completes."""
        self._pending += data
        while not self.finished:
            piece = self._step()
            if piece is None:
                return
            if piece:
                yield piece
        # minio-go ends an unsigned trailer with one empty line more than it needs.
        if not b"\r\n".startswith(self._pending):
            raise S3Error("IncompleteBody")

    def end(self) -> None:
        """No more bytes come. Raises IncompleteBody unless the body was whole."""
        if not self.finished or self._pending == b"\r":
            raise S3Error("IncompleteBody")

    def _line(self, too_long: str) -> bytes | None:
        at = self._pending.find(b"\n", 0, MAX_LINE + 1)
        if at < 0:
            if len(self._pending) > MAX_LINE:
                raise S3Error(too_long)
            return None
        line = bytes(self._pending[:at])
        del self._pending[: at + 1]
        return line.removesuffix(b"\r")

    def _chunk_header(self) -> bytes | None:
        line = self._line("IncompleteBody")
        if line is None:
            return None
        match = _HEADER.fullmatch(line)
        if match is None or (match[2] is None) != (self.chain is None):
            raise S3Error("IncompleteBody")
        size = int(match[1], 16)
        self._chunk += 1
        if size and self._size < MIN_CHUNK:
            # As S3 says it: the number of the chunk that should not have come, the size of the one before.
            raise S3Error("InvalidChunkSizeError", Chunk=self._chunk, BadChunkSize=self._size)
        self._size = self._left = size
        self._signature = match[2].decode() if match[2] else ""
        self._decoded += size
        if self._decoded > self.length:
            raise S3Error("IncompleteBody")
        self._hash = hashlib.sha256()
        self._step = self._data if size else self._last
        return b""

    def _data(self) -> bytes | None:
        if not self._pending:
            return None
        piece = bytes(self._pending[: self._left])
        del self._pending[: len(piece)]
        self._left -= len(piece)
        if self.chain is not None:
            self._hash.update(piece)
        if not self._left:
            self._step = self._data_end
        return piece

    def _data_end(self) -> bytes | None:
        if len(self._pending) < 2:
            return None
        if self._pending[:2] != b"\r\n":
            raise S3Error("IncompleteBody")
        del self._pending[:2]
        if self.chain is not None:
            self.chain.check_chunk(self._hash.hexdigest(), self._signature)
        self._step = self._chunk_header
        return b""

    def _last(self) -> bytes | None:
        if self._decoded != self.length:
            raise S3Error("IncompleteBody")
        if self.chain is not None:
            self.chain.check_chunk(sigv4.EMPTY_SHA256, self._signature)
        self._step = self._trailer_line
        return b""

    def _trailer_line(self) -> bytes | None:
        line = self._line("MalformedTrailerError")
        if line is None:
            return None
        if line:
            self._trailer.add(line)
        elif self._trailer.ends():
            self.trailers = self._trailer.read(self.chain.check_trailer if self.chain else None)
            self.finished = True
        return b""
