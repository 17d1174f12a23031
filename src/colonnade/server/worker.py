"""One worker: a gateway behind its listeners, in one event loop. Alone knows granian.

Granian is driven through its embedded server rather than its own process manager, because that lets one
worker serve several listeners and lets us bind the sockets; its rate was measured to be the same.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.server.embed import Server

from colonnade.server.listen import BACKLOG
from colonnade.server.settings import Application, Door, ServerSettings

if TYPE_CHECKING:
    from colonnade.app import Gateway

log = logging.getLogger("colonnade.server")


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
        # HTTP/2 is agreed on within TLS. To look for it in what is plain would double an idle connection's memory.
        http=HTTPModes.auto if door.cert is not None else HTTPModes.http1,
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


class _Serving:
    """A door's application on one socket, by one server after another: each has the certificate of its time."""

    def __init__(self, application: Application, bound: socket.socket, door: Door, settings: ServerSettings) -> None:
        self._make = partial(_bound_server, application, bound, door, settings)
        self._tls = door.cert is not None
        self._server = self._make()
        self._ended: list[asyncio.Task[None]] = []
        self.task = asyncio.create_task(self._server.serve())

    def renew(self) -> None:
        """Read the certificate anew; requests that are being carried out go on under the former one.

        Raises OSError for one that can't be used: the former stays.
        """
        if not self._tls:
            return
        former, self._server = self._server, self._make()
        self._ended.append(self.task)
        self.task = asyncio.create_task(self._server.serve())
        former.stop()  # type: ignore[no-untyped-call]

    async def stop(self) -> None:
        """Accept no more connections, and wait until those there are have ended."""
        self._server.stop()  # type: ignore[no-untyped-call]
        await asyncio.gather(self.task, *self._ended)


async def run_worker(
    gateway: Gateway,
    sockets: Sequence[Sequence[socket.socket]],
    settings: ServerSettings,
    stop: asyncio.Event,
    renew: asyncio.Event | None = None,
    started: Callable[[], None] = lambda: None,
) -> None:
    """Serve until `stop` is set, then finish what runs, for at most `settings.stop_timeout` seconds.

    `sockets` are those of each door; certificates are read anew whenever `renew` is set; `started` is called once the
    gateway has started.
    """
    await gateway.start()
    try:
        applications = [door.application(gateway) for door in settings.doors]
        servings = [
            _Serving(application, each, door, settings)
            for application, door, bound in zip(applications, settings.doors, sockets, strict=True)
            for each in bound
        ]
        started()
        await _until_stopped(servings, stop, renew or asyncio.Event())
        await asyncio.gather(*(serving.stop() for serving in servings))
        await asyncio.gather(*(application.drain(settings.stop_timeout) for application in applications))
    finally:
        await gateway.close()


async def _until_stopped(servings: Sequence[_Serving], stop: asyncio.Event, renew: asyncio.Event) -> None:
    """Return when told to, or when a server has ended by itself."""
    while not stop.is_set() and not any(serving.task.done() for serving in servings):
        told = [asyncio.create_task(event.wait()) for event in (stop, renew)]
        await asyncio.wait([*told, *(serving.task for serving in servings)], return_when=asyncio.FIRST_COMPLETED)
        for task in told:
            task.cancel()
        if renew.is_set():
            renew.clear()
            try:
                for serving in servings:
                    serving.renew()
            except OSError as error:  # ssl's errors are OSErrors
                log.error("certificates can't be read anew, the former stay: %s", error)
