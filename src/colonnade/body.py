"""Object bodies in flight: read once, in pieces, never whole in memory.

The same small interface carries uploads into a backend and downloads out of one. An upload's body raises
S3Error while it is read if it is not what was promised (length, signature, digest), so whoever stores it
must read to the end before making it visible.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from colonnade import readers

#: Bytes a reader takes from a file at a time: larger and smaller were measured slower on loopback.
PIECE = 256 * 1024


class Body:
    """A stream of bytes of known or unknown length, to be iterated once and then closed.

    No abc.ABC: every request asks several times what is a body, and of those that takes a call in Python.
    """

    #: Bytes that iterating will yield in all, None where that is unknown.
    length: int | None = None

    #: Checksums that came after an upload, in S3's argument names, base64 (``{"ChecksumCRC32": "AAAAAA=="}``).
    #: Complete once the body has been read to its end; empty before and for everything else.
    trailers: dict[str, str]

    def __init__(self, length: int | None = None) -> None:
        self.length = length
        self.trailers = {}

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the bytes in pieces of any size but zero."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Release what the body holds; safe to call more than once and before the end."""

    async def read(self) -> bytes:
        """The whole of it. Only for bodies known to be small."""
        try:
            return b"".join([piece async for piece in self])
        finally:
            await self.aclose()


class BytesBody(Body):
    """A body that is in memory already."""

    def __init__(self, data: bytes) -> None:
        self.length = len(data)
        self.trailers = {}
        self.data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self.data:
            yield self.data


class StreamBody(Body):
    """A body that some async iterator yields; `close` is called once, whether it was read or not."""

    def __init__(
        self, stream: AsyncIterator[bytes], length: int | None = None, close: Callable[[], Any] | None = None
    ) -> None:
        super().__init__(length)
        self._stream = stream
        self._close = close

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._stream

    async def aclose(self) -> None:
        """Close the iterator, then what it stood on."""
        aclose = getattr(self._stream, "aclose", None)
        if aclose is not None:
            await aclose()
        close, self._close = self._close, None
        if close is not None:
            result = close()
            if hasattr(result, "__await__"):
                await result


class FileBody(Body):
    """`length` bytes of an open file from `offset` on, read by at most `piece`. Owns the descriptor and closes it."""

    def __init__(self, fd: int, offset: int, length: int, piece: int = PIECE) -> None:
        super().__init__(length)
        self.fd = fd
        self.offset = offset
        self.piece = piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces():
            yield piece
            # Whoever sends it needn't wait while its client keeps up: others would, for as long as it does.
            await asyncio.sleep(0)

    def pieces(self) -> Iterator[bytes]:
        """The bytes, read as they are taken. Raises OSError, EOFError."""
        position, end = self.offset, self.offset + (self.length or 0)
        with readers.reading():
            while position < end:
                piece = os.pread(self.fd, min(readers.piece(self.piece), end - position), position)
                if not piece:
                    raise EOFError(f"file ended at {position}, {end - position} bytes early")
                position += len(piece)
                yield piece

    async def aclose(self) -> None:
        """Close the descriptor."""
        self.close()

    def close(self) -> None:
        """Close the descriptor."""
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        if getattr(self, "fd", -1) >= 0:
            os.close(self.fd)


def as_body(value: Body | bytes | bytearray | str | None) -> Body:
    """What boto3 users pass as Body, as a Body: bytes and text are wrapped, nothing is an empty one."""
    if isinstance(value, Body):
        return value
    if value is None:
        return BytesBody(b"")
    return BytesBody(value.encode() if isinstance(value, str) else bytes(value))
