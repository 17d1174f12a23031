"""A proxy that breaks what goes through it: real TCP between us and a real S3 server, one fault at a time."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import TypeAlias
from urllib.parse import urlsplit

from tests.faults.table import AMPLE, BOUND, WELL, Fault, Then

Ends: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")


class Spent(Exception):
    """So many bytes were let through as the fault allows."""


class Proxy:
    """Stands before the server at `target`. `fault` is what happens to each request that begins from now on.

    `delivered` says whether the server got a whole request since. `open` are the connections that clients have with
    it, `busy` those of them whose request isn't over.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = parts.hostname, parts.port
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._released = asyncio.Event()
        self.fault = WELL
        self.delivered = False
        self.open = 0
        self.busy = 0

    @property
    def url(self) -> str:
        """Where it is reached, whether it listens or not."""
        return f"http://127.0.0.1:{self._port}"

    async def listen(self) -> None:
        """Begin to accept, on the same port as before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def refuse(self) -> None:
        """Accept no more, and drop what is open."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def use(self, fault: Fault) -> None:
        """Break from now on."""
        self.fault, self.delivered = fault, False
        if fault.then is Then.REFUSE:
            await self.refuse()

    async def reached(self) -> None:
        """Wait until a request is on its way. Raises TimeoutError."""
        async with asyncio.timeout(BOUND):
            while not self.busy:
                await asyncio.sleep(0.005)

    async def settled(self, *, closed: bool = False) -> bool:
        """Whether the other side let go of every request, or `closed` every connection; soon, as a rule at once."""
        self._released.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BOUND):
                while self.open if closed else self.busy:
                    await asyncio.sleep(0.005)
        return not (self.open if closed else self.busy)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve((reader, writer)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: Ends) -> None:
        self.open += 1
        server: Ends | None = None
        try:
            while head := await _head(client[0]):
                server = server or await asyncio.open_connection(*self._target)
                self.busy += 1
                try:
                    await self._exchange(self.fault if self.fault.strikes(head) else WELL, head, client, server)
                finally:
                    self.busy -= 1
        except (OSError, asyncio.IncompleteReadError, Spent):
            pass
        finally:
            self.open -= 1
            for _, writer in filter(None, (client, server)):
                writer.close()

    async def _exchange(self, fault: Fault, head: bytes, client: Ends, server: Ends) -> None:
        try:
            async with asyncio.timeout(AMPLE):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._released.wait(), fault.delay)
                if fault.says is not None:
                    await _copy(client[0], None, _length(head))
                    body = b"" if head.startswith(b"HEAD ") else fault.says.partition(b"\r\n\r\n")[2]
                    client[1].write(fault.says.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body)
                    raise Spent
                up = Tap(server[1], fault.up)
                await up.write(head)
                await _copy(client[0], up, _length(head))
                self.delivered = True
                await up.end()
                await self._answer(fault, head, client, server)
        except Spent:
            await self._end(fault, *client, server[1])
            raise

    async def _answer(self, fault: Fault, asked: bytes, client: Ends, server: Ends) -> None:
        head = await _head(server[0])
        silent = asked.startswith(b"HEAD ") or head.split(b" ", 2)[1] in (b"204", b"304")
        length = 0 if silent else _length(head)
        if fault.longer and not silent:
            head = _LENGTH.sub(b"\r\ncontent-length: %d" % (length + fault.longer), head)
        down = Tap(client[1], fault.down, 0 if fault.slow_body else fault.drip)
        await down.write(head)
        if fault.slow_body:
            down.drip, down.size = fault.drip, max(-(-length // fault.slow_body), 1)
        if fault.body is not None and not silent and length > fault.body:
            down.left = fault.body
        if b"transfer-encoding: chunked" in head.lower() and not silent:
            await _copy_chunks(server[0], down)
        else:
            await _copy(server[0], down, length)
        if fault.longer and not silent:
            raise Spent

    async def _end(self, fault: Fault, reader: asyncio.StreamReader, *writers: asyncio.StreamWriter) -> None:
        if fault.then is Then.RESET:
            for writer in writers:
                writer.transport.abort()
        if fault.then is Then.STALL:
            await self._released.wait()  # nothing is read till then, as by a host that hangs
            while await reader.read(65536):
                pass


class Tap:
    """A writer that lets `left` bytes through (all of them if None), each `size` of them after `drip` seconds."""

    def __init__(self, writer: asyncio.StreamWriter, left: int | None, drip: float = 0.0) -> None:
        self.left = left
        self._writer = writer
        self.drip, self.size = drip, 40

    async def write(self, data: bytes) -> None:
        """Raises Spent when no more may pass."""
        passed = data if self.left is None else data[: self.left]
        if self.drip:
            for at in range(0, len(passed), self.size):
                await asyncio.sleep(self.drip)
                if self._writer.is_closing():
                    raise Spent
                self._writer.write(passed[at : at + self.size])
        else:
            self._writer.write(passed)
        with contextlib.suppress(ConnectionError):
            await self._writer.drain()
        if self.left is not None:
            self.left -= len(passed)
            if not self.left:
                raise Spent

    async def end(self) -> None:
        """The request is over: what of it may pass was more than there is, so its end is lost. Raises Spent."""
        if self.left is not None:
            raise Spent


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


async def _copy(reader: asyncio.StreamReader, to: Tap | None, length: int) -> None:
    while length:
        piece = await reader.read(min(length, 65536))
        if not piece:
            raise ConnectionError("ended early")
        length -= len(piece)
        if to is not None:
            await to.write(piece)


async def _copy_chunks(reader: asyncio.StreamReader, to: Tap) -> None:
    size = 1
    while size:
        line = await reader.readuntil(b"\r\n")
        size = int(line, 16)
        await to.write(line + await reader.readexactly(size + 2))


@contextlib.asynccontextmanager
async def proxied(target: str) -> AsyncIterator[Proxy]:
    """A proxy before a server, which listens."""
    proxy = Proxy(target)
    await proxy.listen()
    try:
        yield proxy
    finally:
        await proxy.refuse()
