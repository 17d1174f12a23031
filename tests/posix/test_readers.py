"""Many clients that read large objects at once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

from colonnade.backends.posix import PosixBackend
from colonnade.body import PIECE, Body

SIZE = 4 * PIECE + 12345


async def opened(backend: PosixBackend) -> tuple[Body, AsyncIterator[bytes]]:
    """The body of the large object, and a reader of it."""
    body = (await backend.call("GetObject", {"Bucket": "bucket", "Key": "large"}))["Body"]
    return body, aiter(body)


async def test_many_readers_take_little_each(backend: PosixBackend, root: Path) -> None:
    """What slow readers keep in memory doesn't grow with their number; once they are gone, pieces are whole again."""
    data = os.urandom(SIZE)
    (root / "bucket" / "large").write_bytes(data)
    many = [await opened(backend) for _ in range(100)]
    assert len(await anext(many[0][1])) == PIECE
    sizes = [len(await anext(pieces)) for _, pieces in many[1:]]
    assert sum(sizes[32:]) < 4 * 1024 * 1024
    pieces = many[50][1]
    assert len(await anext(pieces)) == sizes[-1]
    for body, reader in many:
        await reader.aclose()  # type: ignore[attr-defined]
        await body.aclose()
    body, reader = await opened(backend)
    assert len(first := await anext(reader)) == PIECE
    assert first + b"".join([piece async for piece in reader]) == data
    await body.aclose()


async def test_bodies_are_whole_among_many(backend: PosixBackend, root: Path) -> None:
    """Pieces that become smaller while a body is read leave nothing out and repeat nothing."""
    data = os.urandom(SIZE)
    (root / "bucket" / "large").write_bytes(data)
    many = [await opened(backend) for _ in range(40)]
    got = [bytearray() for _ in many]
    while any(len(each) < SIZE for each in got):
        for each, (_, reader) in zip(got, many, strict=True):
            each += await anext(reader, b"")
    assert all(each == data for each in got)
    for body, _ in many:
        await body.aclose()


async def test_others_have_their_turn_between_pieces(backend: PosixBackend, root: Path) -> None:
    """A body whose client takes it as fast as it is read doesn't keep the event loop to itself."""
    (root / "bucket" / "large").write_bytes(bytes(SIZE))
    body, reader = await opened(backend)
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    taken = [len(piece) async for piece in reader]
    task.cancel()
    await body.aclose()
    assert turns >= len(taken) - 1
