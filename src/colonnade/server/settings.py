"""What a server is told before it starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from colonnade.app import Gateway


class Application(Protocol):
    """An ASGI application that can be waited for."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""

    async def drain(self, timeout: float) -> None:
        """Wait until no request is being carried out, for at most `timeout` seconds."""


def itself(gateway: Gateway) -> Application:
    """The application that a gateway is: S3."""
    return gateway


@dataclass(frozen=True)
class Door:
    """Addresses at which the same is served.

    `addresses` are listener addresses in any form of :func:`~colonnade.server.listen.parse_address`; `application`
    is called once in every worker process, with its gateway; `max_connections` bounds those to each listener over all
    workers, further ones wait to be accepted. TLS with `cert` and `key`, or neither.
    """

    addresses: Sequence[str]
    application: Callable[[Gateway], Application] = itself
    cert: Path | None = None
    key: Path | None = None
    max_connections: int = 250_000


@dataclass(frozen=True)
class ServerSettings:
    """Where and how to serve.

    `gateway_factory` is called once in every worker process; `stop_timeout` is in seconds, and bounds how
    long a stopping worker waits for the requests it is carrying out; `on_listening` is called in the parent
    with the URLs of each door's listeners once clients can connect.
    """

    doors: Sequence[Door]
    gateway_factory: Callable[[], Gateway]
    workers: int = 1
    socket_perm: int | None = None
    keep_alive: bool = True
    stop_timeout: float = 10.0
    on_listening: Callable[[Sequence[Sequence[str]]], None] | None = None
