"""Taking a body in: digested and written as it comes, never whole in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from colonnade.backends.posix.options import Options
from colonnade.backends.posix.temp import Temp
from colonnade.backends.posix.threads import Threads
from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.rules.checksums import Ingest

#: Bodies up to this size are digested and written at once, without a thread: handing over costs more.
SMALL = 128 * 1024

#: Bytes that are handed to the threads at a time; a body in flight holds about twice as many.
BATCH = 512 * 1024

#: The largest body of one PutObject or UploadPart.
LARGEST = 5 * 1024**3


def check_length(length: int | None) -> None:
    """Raise EntityTooLarge for a body that S3 wants in parts."""
    if length is not None and length > LARGEST:
        raise S3Error("EntityTooLarge", ProposedSize=str(length), MaxSizeAllowed=str(LARGEST))


async def receive(body: Body, ingest: Ingest, temp: Temp, threads: Threads, options: Options) -> None:
    """Write `body` to `temp` and feed it to `ingest`: digest and disk side by side, both while more comes.

    Raises what the body raises when it isn't what was promised, IncompleteBody, EntityTooLarge, OSError.
    """
    check_length(body.length)
    if body.length is not None and body.length <= SMALL:
        data = await body.read()
        if len(data) != body.length:
            raise S3Error("IncompleteBody")
        ingest.update(data)
        temp.write([data])
        return
    working: asyncio.Task[None] | None = None
    batch_size = options.io_buffer_size or BATCH
    if options.enable_odirect and (body.length is None or body.length > SMALL):
        temp.past_the_cache(batch_size)
    try:
        async for batch, size in _batches(body, batch_size):
            check_length(temp.size + size)
            if working is not None:
                await working
                working = None
            if size <= SMALL:
                for piece in batch:
                    ingest.update(piece)
                temp.write(batch)
            else:
                working = asyncio.get_running_loop().create_task(_both(batch, ingest, temp, threads))
        if working is not None:
            await working
            working = None
    finally:
        if working is not None:  # refused or cut off: the threads must be done with the descriptor
            await asyncio.gather(working, return_exceptions=True)
        await body.aclose()
    if temp.direct is not None:
        await threads.work(temp.finish)
    if body.length is not None and temp.size != body.length:
        raise S3Error("IncompleteBody")


async def _batches(body: Body, enough: int) -> AsyncIterator[tuple[list[bytes], int]]:
    batch: list[bytes] = []
    size = 0
    async for piece in body:
        batch.append(piece)
        size += len(piece)
        if size >= enough:
            yield batch, size
            batch, size = [], 0
    if batch:
        yield batch, size


async def _both(batch: list[bytes], ingest: Ingest, temp: Temp, threads: Threads) -> None:
    results = await asyncio.gather(
        threads.work(_digest, ingest, batch), threads.work(temp.write, batch), return_exceptions=True
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _digest(ingest: Ingest, batch: list[bytes]) -> None:
    for piece in batch:
        ingest.update(piece)
