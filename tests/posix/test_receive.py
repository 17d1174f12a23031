"""Bodies that are taken in."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator

import pytest

from colonnade.backends.posix import PosixBackend, temp
from colonnade.body import StreamBody

PIECE = 256 * 1024
WHERE = {"Bucket": "bucket", "Key": "k"}


@pytest.mark.parametrize("times", [1, 2, 3], ids=["once", "twice", "thrice"])
@pytest.mark.parametrize("algorithm", [{}, {"ChecksumAlgorithm": "SHA256"}], ids=["md5", "md5-and-sha256"])
@pytest.mark.parametrize("pieces", [1, 2, 4, 5])
async def test_cancelled_in_the_middle(
    backend: PosixBackend, monkeypatch: pytest.MonkeyPatch, pieces: int, algorithm: dict[str, str], times: int
) -> None:
    """However often: the body is closed, and so is the file, once no thread uses it any more."""
    events: list[str] = []
    gate, begun, write, close = threading.Event(), threading.Event(), temp.Temp.write, temp.Temp.close

    def slow(self: temp.Temp, data: list[bytes]) -> None:
        begun.set()
        gate.wait()
        os.fstat(self.fd)
        write(self, data)
        events.append("written")

    def closed(self: temp.Temp) -> None:
        events.append("file closed")
        close(self)

    async def stream() -> AsyncIterator[bytes]:
        for _ in range(pieces):
            yield b"x" * PIECE

    monkeypatch.setattr(temp.Temp, "write", slow)
    monkeypatch.setattr(temp.Temp, "close", closed)
    body = StreamBody(stream(), pieces * PIECE, lambda: events.append("body closed"))
    put = asyncio.create_task(backend.call("PutObject", {**WHERE, "Body": body, **algorithm}))
    while not begun.is_set():
        await asyncio.sleep(0.01)
    for _ in range(times):
        put.cancel()
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await put
    assert events[0] == "written"
    assert events[-1] == "file closed"
    assert "body closed" in events[1:-1]
