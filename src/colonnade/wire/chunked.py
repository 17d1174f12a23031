"""The aws-chunked encoding: a state machine from bytes on the wire to the bytes that were meant.

Pure and synchronous: bytes in, decoded pieces out, S3Error for what is not well formed or not signed. Source:
Amazon S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
Chunks" and "... with trailing headers".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterator

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.rules.checksums import ALGORITHMS

#: Bytes of a chunk's header line, and of a whole trailer.
MAX_LINE = 1024
MAX_TRAILER = 16 * 1024

#: Every chunk but the last must be this long (bytes) when chunks are signed.
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
        if not hmac.compare_digest(sigv4.signature(self.key, text), given):
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
        self.trailer = trailer
        self.trailers: dict[str, str] = {}
        self.finished = False
        self._pending = bytearray()
        self._decoded = 0
        self._left = 0
        self._chunk = 0
        self._short = False
        self._signature = ""
        self._hash = hashlib.sha256()
        self._lines: list[bytes] = []
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
        if self._pending:
            raise S3Error("IncompleteBody")

    def end(self) -> None:
        """No more bytes come. Raises IncompleteBody unless the body was whole."""
        if not self.finished:
            raise S3Error("IncompleteBody")

    def _line(self, bound: int) -> bytes | None:
        at = self._pending.find(b"\n")
        if at < 0 or at > bound:
            if len(self._pending) > bound:
                raise S3Error("IncompleteBody")
            return None
        line = bytes(self._pending[:at])
        del self._pending[: at + 1]
        return line

    def _chunk_header(self) -> bytes | None:
        line = self._line(MAX_LINE)
        if line is None:
            return None
        match = _HEADER.fullmatch(line.removesuffix(b"\r"))
        if match is None or (match[2] is None) != (self.chain is None):
            raise S3Error("IncompleteBody")
        size = int(match[1], 16)
        self._chunk += 1
        if size and self._short:
            raise S3Error("InvalidChunkSizeError", Chunk=self._chunk, BadChunkSize=size)
        self._short = self.chain is not None and size < MIN_CHUNK
        self._signature = match[2].decode() if match[2] else ""
        self._left = size
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
        line = self._line(MAX_LINE)
        if line is None:
            return None
        line = line.removesuffix(b"\r")
        if line:
            self._lines.append(line)
            if len(self._lines) > 3 or sum(map(len, self._lines)) > MAX_TRAILER:
                raise S3Error("MalformedTrailerError")
            return b""
        # Clients differ in whether an empty line stands between the trailers and their signature.
        if self._lines and self.chain is not None and self.trailer and not self._signature_line() and self._pending:
            return b""
        self._finish()
        return b""

    def _signature_line(self) -> bytes | None:
        if self._lines and self._lines[-1].lower().startswith(b"x-amz-trailer-signature:"):
            return self._lines[-1]
        return None

    def _finish(self) -> None:
        signature = self._signature_line()
        lines = self._lines[:-1] if signature else self._lines
        if not self.trailer:
            if self._lines:
                raise S3Error("MalformedTrailerError")
        elif len(lines) != 1:
            raise S3Error("MalformedTrailerError")
        else:
            self._take(lines[0], self.trailer)
        if self.chain is not None and self.trailer:
            if signature is None:
                raise S3Error("MalformedTrailerError")
            given = signature.partition(b":")[2].strip().decode("latin-1")
            self.chain.check_trailer(b"".join(line + b"\n" for line in lines), given)
        self.finished = True

    def _take(self, line: bytes, announced: str) -> None:
        name, _, value = line.decode("latin-1").partition(":")
        if name.strip().lower() != announced:
            raise S3Error("MalformedTrailerError")
        algorithm = checksum_algorithm(announced)
        text = value.strip()
        try:
            size = len(base64.b64decode(text, validate=True))
        except binascii.Error:
            size = -1
        if size != ALGORITHMS[algorithm].size:
            raise S3Error("InvalidRequest", f"Value for {announced} trailing header is invalid.")
        self.trailers[ALGORITHMS[algorithm].argument] = text


def checksum_algorithm(trailer: str) -> str:
    """The algorithm of a trailing checksum header. Raises InvalidRequest for any other trailer."""
    algorithm = trailer.removeprefix("x-amz-checksum-").upper()
    if not trailer.startswith("x-amz-checksum-") or algorithm not in ALGORITHMS:
        raise S3Error("InvalidRequest", "The value specified in the x-amz-trailer header is not supported")
    return algorithm
