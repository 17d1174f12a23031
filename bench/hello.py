"""The yardstick: a bare ASGI application on the same server, with as many workers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]

PIECE = b"\0" * (256 * 1024)


class Hello:
    """Answers ``hello``, or as many bytes as the path says (``/1048576``), in pieces of 256 KiB."""

    async def start(self) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing to let go."""

    async def drain(self, timeout: float) -> None:
        """Nothing is ever under way for long."""

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        """Serve one request."""
        size = scope["path"][1:]
        if not size.isdigit():
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
            await send({"type": "http.response.body", "body": b"hello"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", size.encode())]})
        for _ in range(int(size) // len(PIECE)):
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
