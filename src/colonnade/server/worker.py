"""One worker: a gateway behind its listeners, in one event loop. Alone knows granian.

Granian is driven through its embedded server rather than its own process manager, because that lets one
worker serve several listeners and lets us bind the sockets; its rate was measured to be the same.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server

from colonnade.server.listen import BACKLOG
from colonnade.server.settings import Application, Door, ServerSettings

if TYPE_CHECKING:
    from colonnade.app import Gateway


class _BoundServer(Server):
    """Granian on a socket that is bound already."""

    bound: socket.socket

    def _init_shared_socket(self) -> None:
        self._shd = SocketHolder(  # type: ignore[assignment,call-arg]  # granian's stubs lag behind its code
            os.dup(self.bound.fileno()), self.bound.family == socket.AF_UNIX, BACKLOG
        )
        self._ssp = None


def _bound_server(application: Application, bound: socket.socket, door: Door, settings: ServerSettings) -> _BoundServer:
    server = _BoundServer(
        application,
        interface=Interfaces.ASGINL,  # the gateway is started and closed below, not by lifespan messages
        http=HTTPModes.auto,
        websockets=False,
        log_enabled=False,
        backlog=BACKLOG,
        backpressure=-(-door.max_connections // settings.workers),
        http1_settings=HTTP1Settings(keep_alive=settings.keep_alive),
        ssl_cert=door.cert,
        ssl_key=door.key,
        ssl_protocol_min=SSLProtocols.tls12,  # backup clients still in use know nothing newer
    )
    server.bound = bound
    return server


async def run_worker(
    gateway: Gateway,
    sockets: Sequence[Sequence[socket.socket]],
    settings: ServerSettings,
    stop: asyncio.Event,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Serve until `stop` is set, then finish what runs, for at most `settings.stop_timeout` seconds.

    `sockets` are those of each door; `started` is called once the gateway has started.
    """
    await gateway.start()
    try:
        applications = [door.application(gateway) for door in settings.doors]
        servers = [
            _bound_server(application, each, door, settings)
            for application, door, bound in zip(applications, settings.doors, sockets, strict=True)
            for each in bound
        ]
        tasks = [asyncio.create_task(server.serve()) for server in servers]
        started()
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for server in servers:
            server.stop()  # type: ignore[no-untyped-call]
        await asyncio.gather(*tasks)
        await asyncio.gather(*(application.drain(settings.stop_timeout) for application in applications))
    finally:
        await gateway.close()
