"""An upstream that misbehaves as told: a real TCP server with one script for each connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Script: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answer(status: str, *headers: str, body: bytes = b"", length: int | None = None) -> Script:
    """Read one request without its body, answer and close. `length` lies about the body's."""
    size = len(body) if length is None else length
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {size}", "Connection: close", *headers, "", ""])

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head.encode() + body)
        await writer.drain()

    return script


async def reset(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read the request's head and cut the connection."""
    writer.transport.abort()


async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read whatever comes until the other side goes, and never answer."""
    while await reader.read(65536):
        pass


@dataclass
class Upstream:
    """Plays `scripts` one by one, the last again and again. `heads` are the requests' heads as they came."""

    scripts: Sequence[Script]
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    url: str = ""
    _serving: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Upstream:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()
        async with asyncio.timeout(30):
            await asyncio.gather(*self._serving)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._serving.append(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            script = self.scripts[min(len(self.heads), len(self.scripts) - 1)]
            self.heads.append(head)
            length = next((int(line[15:]) for line in head.lower().split("\r\n") if line[:15] == "content-length:"), 0)
            self.bodies.append(b"" if script is swallow else await reader.readexactly(length))
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.bodies.append(getattr(error, "partial", b""))
        finally:
            writer.close()
