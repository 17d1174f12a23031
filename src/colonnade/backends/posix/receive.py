"""Taking a body in: digested and written as it comes, never whole in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from colonnade.backends.posix.lanes import Lane, drop
from colonnade.backends.posix.options import Options
from colonnade.backends.posix.temp import Temp
from colonnade.backends.posix.threads import Threads
from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.rules.checksums import Hasher, Ingest

#: Bodies up to this size are digested and written at once, without a thread: handing over costs more.
SMALL = 128 * 1024

#: Bytes that are handed to the threads at a time; a body in flight holds about four times as many.
BATCH = 256 * 1024

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
    batch_size = options.io_buffer_size or BATCH
    if options.enable_odirect:
        temp.past_the_cache(batch_size)
    lanes = _lanes(ingest, temp, threads)
    taken = 0
    try:
        async for batch, size in _batches(body, batch_size):
            taken += size
            check_length(taken)
            for lane in lanes:
                await lane.put(batch)
        for lane in lanes:
            await lane.end()
    finally:
        try:  # refused or cut off: the threads must be done with the descriptor
            await drop(lanes)
        finally:
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


def _lanes(ingest: Ingest, temp: Temp, threads: Threads) -> list[Lane[list[bytes]]]:
    """The last digest, which is the slowest if there are two, by itself; the others beside the disk."""
    beside, alone = ingest.hashers[:-1], ingest.hashers[-1:]

    def write(batch: list[bytes]) -> None:
        temp.write(batch)
        for hasher in beside:
            _digest(hasher, batch)

    return [Lane(threads, write), *(Lane(threads, partial(_digest, hasher)) for hasher in alone)]


def _digest(hasher: Hasher, batch: list[bytes]) -> None:
    for piece in batch:
        hasher.update(piece)
