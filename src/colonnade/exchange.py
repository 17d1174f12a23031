"""One request and its answer, whatever the steps between: ids, errors, the head and body of an answer, a log line."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from colonnade import context
from colonnade.access import cors
from colonnade.body import Body, BytesBody
from colonnade.errors import S3Error
from colonnade.logs import fields
from colonnade.wire import address, payload, render
from colonnade.wire.request import Request

if TYPE_CHECKING:
    from colonnade.app import Gateway
    from colonnade.wire.signature import Signed

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

log = logging.getLogger("colonnade.app")
access_log = logging.getLogger("colonnade.access")


class Exchange:
    """One request and its answer. Whoever subclasses it says by which steps it is answered.

    What a log may want to know: `signed`, whose signature was verified; the operation's `arguments`; `administers`,
    whether it is a request of an administrator's, and what that `asked_for`; `error`, the code of a refusal; of the
    answer its `status`, `head`, bytes of body `sent`, and the seconds until it began (`turned`).
    """

    signed: Signed | None = None
    arguments: Mapping[str, Any] = {}
    administers = False
    asked_for: Mapping[str, Any] = {}
    error = ""
    status = 0
    head: Sequence[tuple[bytes, bytes]] = ()
    sent = 0
    turned = 0.0

    def __init__(self, gateway: Gateway, receive: Receive, send: Send) -> None:
        self.gateway = gateway
        self.receive = receive
        self.send = send
        self.request_id = f"{random.getrandbits(64):016X}"
        self.request: Request | None = None
        self.target: address.Target | None = None
        self.operation: str | None = None
        self.body: Body | None = None
        self.cors: cors.Lines = []

    async def run(self, scope: Message) -> None:
        """Answer the request, whatever happens; after the head is out a failure cuts the connection."""
        began = self.began = time.perf_counter()
        context.set_request_id(self.request_id)
        context.set_token_key(self.gateway.token_key)
        try:
            try:
                response = await self.answer(scope)
            except payload.ClientDisconnectedError:
                raise
            except Exception as error:
                response = await self._refused(error)
            await self._send(response)
        except payload.ClientDisconnectedError:
            self.status = self.status or 499
        finally:
            if access_log.isEnabledFor(logging.DEBUG):
                self._log(scope, time.perf_counter() - began)
            kept = self.gateway.admin_log if self.administers else self.gateway.access_log
            if kept is not None and self.operation != "Health":
                await kept.record(self, scope, began)

    async def _refused(self, error: Exception) -> render.Response:
        """The error as an answer, what is left of an upload thrown away."""
        response = self.refusal(error)
        if self.body is not None:
            await payload.discard(self.body)
        if self.request is not None and payload.held_back(self.request, self.body):
            response.headers.append((b"connection", b"close"))
        return response

    async def answer(self, scope: Message) -> render.Response:
        """The steps of a request. Raises S3Error, ClientDisconnectedError."""
        raise NotImplementedError

    def refusal(self, error: Exception) -> render.Response:
        """An error as an answer; what is no S3Error is logged."""
        if not isinstance(error, S3Error):
            log.error("request %s failed", self.request_id, exc_info=error)
            error = S3Error("InternalError")
        self.error = error.code
        return render.render_error(
            error, self.request, self.operation, self.target, self.request_id, self.gateway.host_id
        )

    async def _send(self, response: render.Response) -> None:
        """Send head and body."""
        headers = response.headers
        if self.cors:
            headers.extend(cors.beside(headers, self.cors))
        headers.append((b"x-amz-request-id", self.request_id.encode()))
        headers += self.gateway.own_headers
        if self.gateway.show_backend and (served_by := context.served_by()):
            headers.append((b"x-colonnade-backend", served_by.encode()))
        body = response.body
        self.status, self.head = response.status, headers
        self.turned = time.perf_counter() - self.began
        if isinstance(body, BytesBody):  # one message for the whole goes out with the head
            body = body.data
        if isinstance(body, bytes):
            self.sent = len(body)
            await self.send({"type": "http.response.start", "status": response.status, "headers": headers})
            await self.send({"type": "http.response.body", "body": body})
            return
        try:
            await self.send({"type": "http.response.start", "status": response.status, "headers": headers})
            async for piece in body:
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
                self.sent += len(piece)
            await self.send({"type": "http.response.body", "body": b""})
        finally:
            await body.aclose()

    def _log(self, scope: Message, seconds: float) -> None:
        """One line a request, which no request can forge, and in which nothing signs."""
        access_log.debug(
            "%s %s %s %s %d %.1fms",
            self.request_id,
            scope["method"],
            fields.raw(scope),
            self.operation or "-",
            self.status,
            seconds * 1000,
        )
