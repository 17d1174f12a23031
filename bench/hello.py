"""The yardstick: a bare ASGI application on the same server, with as many workers.

``python -m bench.hello WORKERS [FILE]`` serves it; FILE is what ``/file`` streams.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from colonnade.server import Door, ServerSettings, serve

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

PIECE = 256 * 1024


class Hello:
    """Answers ``hello``, or the file, read in pieces of 256 KiB in the event loop: the least a server of files does."""

    def __init__(self, file: str | None) -> None:
        self.file = file

    async def start(self) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to let go."""

    async def drain(self, timeout: float) -> None:
        """Nothing is ever under way for long."""

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        """Serve one request."""
        if scope["path"] == "/file" and self.file:
            await stream(self.file, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})


async def stream(file: str, send: Send) -> None:
    """All of a file."""
    opened = os.open(file, os.O_RDONLY)
    try:
        size = os.fstat(opened).st_size
        headers = [(b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for offset in range(0, size, PIECE):
            piece = os.pread(opened, PIECE, offset)
            await send({"type": "http.response.body", "body": piece, "more_body": offset + PIECE < size})
    finally:
        os.close(opened)


def main(workers: str, file: str | None = None) -> int:
    """Serve until told to stop, and say where."""
    return serve(
        ServerSettings(
            [Door(["127.0.0.1:0"])],
            lambda: Hello(file),  # type: ignore[arg-type, return-value]
            workers=int(workers),
            on_listening=lambda urls: print(f"export AWS_ENDPOINT_URL={urls[0][0]}", flush=True),
            stop_timeout=1.0,
        )
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
