"""The administrator's API on a port of its own, which needs not be reachable from where S3 is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from colonnade import health
from colonnade.admin import steps
from colonnade.errors import S3Error
from colonnade.exchange import Exchange, Message, Receive, Send
from colonnade.inflight import InFlight
from colonnade.wire.render import Response
from colonnade.wire.request import Request

if TYPE_CHECKING:
    from colonnade.app import Gateway


class AdminPort:
    """The administrator's API of a gateway, as an ASGI application; the gateway is started and closed by others.

    `max_requests` bounds how many requests are carried out at once, beside those of the gateway.
    """

    def __init__(self, gateway: Gateway, *, max_requests: int | None = None) -> None:
        self.gateway = gateway
        self.in_flight = InFlight(max_requests)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        with self.in_flight:
            await _Administering(self, receive, send).run(scope)

    async def drain(self, timeout: float) -> None:
        """Wait until no request is being carried out, for at most `timeout` seconds."""
        await self.in_flight.drain(timeout)


class _Administering(Exchange):
    def __init__(self, port: AdminPort, receive: Receive, send: Send) -> None:
        super().__init__(port.gateway, receive, send)
        self.port = port

    async def answer(self, scope: Message) -> Response:
        self.administers = True
        if health.asked(self.gateway.health, scope):
            self.operation = "Health"
            return await health.answer(self.gateway.backend, scope["query_string"])
        self.port.in_flight.check()
        request = self.request = Request.from_scope(scope)
        if request.method == "OPTIONS" or steps.concern(request):
            return await steps.answer(self, request)
        raise S3Error("MethodNotAllowed", Method=request.method, ResourceType="SERVICE")
