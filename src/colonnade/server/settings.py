"""What a server is told before it starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from colonnade.app import Gateway


@dataclass(frozen=True)
class ServerSettings:
    """Where and how to serve.

    `addresses` are listener addresses in any form of :func:`~colonnade.server.listen.parse_address`;
    `gateway_factory` is called once in every worker process; `stop_timeout` is in seconds, and bounds how
    long a stopping worker waits for the requests it is carrying out; `max_connections` bounds those to each
    listener over all workers, further ones wait to be accepted; `on_listening` is called in the parent
    with the URL of each listener once clients can connect.
    """

    addresses: Sequence[str]
    gateway_factory: Callable[[], Gateway]
    workers: int = 1
    cert: Path | None = None
    key: Path | None = None
    socket_perm: int | None = None
    keep_alive: bool = True
    max_connections: int = 250_000
    stop_timeout: float = 10.0
    on_listening: Callable[[Sequence[str]], None] | None = None
