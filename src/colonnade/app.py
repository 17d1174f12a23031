"""The ASGI application: the steps of a request, in order.

Mounts in any ASGI server or program. What the steps are is written in `_answer`; each of them lives in the
wire, the access rules or the backend.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import os
import random
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from colonnade import context, facts, health
from colonnade.access import cors, decide, expected, settings
from colonnade.access.cache import Remembering
from colonnade.admin import api
from colonnade.admin.asked import Asked as AskedByAdmin
from colonnade.backend import Backend
from colonnade.body import Body, BytesBody
from colonnade.crossorigin import CrossOrigin
from colonnade.errors import S3Error
from colonnade.iam.accounts import Accounts
from colonnade.permission import Asked, Permission
from colonnade.rules import tokens
from colonnade.wire import address, parse, patience, payload, post, render, route, signature
from colonnade.wire.request import Request

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

log = logging.getLogger("colonnade.app")
access_log = logging.getLogger("colonnade.access")


class Gateway:
    """One S3 endpoint over one backend, as an ASGI application.

    `accounts` knows who may sign; `region` is the one signatures must name; `virtual_domains` are the domains
    whose sub-domains are buckets; `health` is a path answered with 200 to anybody (see :mod:`colonnade.health`);
    `max_requests` bounds how many are carried out at once, the rest are told SlowDown; `show_backend` says in a
    header which backend answered; `patience` is how many seconds a long call may be silent before its answer begins
    with white space (see :mod:`colonnade.wire.patience`); `cors_origin` is the origin whose pages may use buckets
    without a CORS configuration; without `acls` buckets are used by their owners and by policies alone. Started and
    closed by ASGI lifespan messages, or by `start` and `close`.
    """

    def __init__(
        self,
        backend: Backend,
        accounts: Accounts,
        *,
        region: str = "us-east-1",
        virtual_domains: Sequence[str] = (),
        health: str | None = None,
        max_requests: int | None = None,
        show_backend: bool = True,
        cors_origin: str | None = None,
        patience: float = 5.0,
        acls: bool = True,
    ) -> None:
        self.backend = Remembering(backend)
        self.accounts = accounts
        self.region = region
        self.virtual_domains = tuple(virtual_domains)
        self.health = health.encode() if health else None
        self.max_requests = max_requests
        self.show_backend = show_backend
        self.patience = patience
        self.permission = Permission(self.backend, acls=acls)
        self.cross_origin = CrossOrigin(backend, cors_origin)
        self.token_key = tokens.key(accounts.root.secret)
        self.host_id = base64.b64encode(os.urandom(48)).decode()
        self.own_headers = [(b"x-amz-id-2", self.host_id.encode()), (b"server", b"Colonnade")]
        self.in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def start(self) -> None:
        """Make the backend ready."""
        await self.backend.start()

    async def close(self) -> None:
        """Let the backend go."""
        await self.backend.close()

    async def drain(self, timeout: float) -> None:
        """Wait until no request is being carried out, for at most `timeout` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), timeout)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope: a request, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            self.in_flight += 1
            self._idle.clear()
            try:
                await _Exchange(self, receive, send).run(scope)
            finally:
                self.in_flight -= 1
                if not self.in_flight:
                    self._idle.set()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Start and close with the program this is mounted in."""
        while True:
            message = await receive()
            step = message["type"]
            try:
                await (self.start() if step == "lifespan.startup" else self.close())
            except Exception as error:
                await send({"type": f"{step}.failed", "message": str(error)})
                return
            await send({"type": f"{step}.complete"})
            if step == "lifespan.shutdown":
                return


class _Exchange:
    """One request and its answer."""

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
        self.status = 0

    async def run(self, scope: Message) -> None:
        """Answer the request, whatever happens; after the head is out a failure cuts the connection."""
        began = time.perf_counter()
        context.set_request_id(self.request_id)
        context.set_token_key(self.gateway.token_key)
        try:
            response = await self._respond(scope)
            await self._send(response)
        except payload.ClientDisconnectedError:
            self.status = self.status or 499
        finally:
            if access_log.isEnabledFor(logging.DEBUG):
                self._log(scope, time.perf_counter() - began)

    async def _respond(self, scope: Message) -> render.Response:
        """The answer, or the error as an answer."""
        try:
            return await self._answer(scope)
        except payload.ClientDisconnectedError:
            raise
        except Exception as error:
            response = self._refusal(error)
        if self.body is not None:
            await payload.discard(self.body)
        if self.request is not None and payload.held_back(self.request, self.body):
            response.headers.append((b"connection", b"close"))
        return response

    async def _answer(self, scope: Message) -> render.Response:
        """The steps of a request."""
        gateway = self.gateway
        if gateway.health is not None and _asks_for(gateway.health, scope):
            return await health.answer(gateway.backend, scope["query_string"])
        if gateway.max_requests is not None and gateway.in_flight > gateway.max_requests:
            raise S3Error("SlowDown")
        request = self.request = Request.from_scope(scope)
        if request.method == "PATCH":
            return await self._admin(request)
        target = self.target = address.resolve(request, gateway.virtual_domains)
        if request.method == "OPTIONS":
            return await gateway.cross_origin.preflight(request, target)
        if "origin" in request.headers:
            self.cors = await gateway.cross_origin.headers(request, target)
        operation = self.operation = route.route(request, target)
        if operation == "PostObject":
            return await self._post(request, target)
        signed = await signature.verify(request, gateway.accounts, region=gateway.region, now=time.time())
        account = signed.account if signed is not None else None
        context.set_caller(account)
        await expected.check(gateway.backend, request, target, account)
        asked = None
        if not decide.free(account):
            known = facts.of_request(request, account, signed)
            asked = Asked(account, operation, request, target, known)
            await gateway.permission.check(asked)
        self.body = payload.open_body(request, signed, self.receive)
        if operation in ("PutObject", "UploadPart"):
            payload.require_length(self.body)
        arguments = await parse.parse(operation, request, target, self.body)
        if asked is not None or operation in settings.OPERATIONS:
            await gateway.permission.judge(asked, operation, arguments)
        caller = gateway.backend.call if asked is None else partial(gateway.permission.call, asked)
        call = caller(operation, arguments)
        if operation in patience.LONG:
            task = await patience.start(call, gateway.patience)
            if not task.done():
                late = patience.Late(task, gateway.patience, lambda: self._outcome(task, arguments))
                return render.Response(200, [(b"content-type", b"application/xml")], late)
            answer = task.result()
        else:
            answer = await call
        return render.render(operation, request, arguments, answer)

    async def _admin(self, request: Request) -> render.Response:
        """A request of the administrator's API, which has no bucket and no key."""
        gateway = self.gateway
        signed = await signature.verify(request, gateway.accounts, region=gateway.region, now=time.time())
        context.set_caller(api.check(signed).account)
        path = request.raw_path.removeprefix(request.mount)
        name, carry_out = api.route(path)
        self.operation = f"admin_{name}"  # as access logs have it
        self.body = payload.open_body(request, signed, self.receive)
        return await carry_out(AskedByAdmin(request, path, self.body, gateway.backend, gateway.accounts))

    async def _post(self, request: Request, target: address.Target) -> render.Response:
        """A form's upload. Its fields say who asks and for what, so the body is begun before either is decided."""
        gateway = self.gateway
        self.body = payload.open_body(request, None, self.receive)
        form = await post.read(request, self.body)
        bucket, key = target.bucket or "", form.fields["key"]
        account = await post.signer(form, bucket, gateway.accounts, region=gateway.region, now=time.time())
        context.set_caller(account)
        target = self.target = address.Target(bucket, key)
        put = post.put_request(request, form)
        if not decide.free(account):
            known = facts.of_request(put, account, None, form=True)
            await gateway.permission.check(Asked(account, "PutObject", put, target, known))
        arguments = await parse.parse("PutObject", put, target, form.file)
        await gateway.permission.judge(None, "PutObject", arguments)
        answer = await gateway.backend.call("PutObject", arguments)
        done = render.render("PutObject", put, arguments, answer)
        return post.render(request, target, form.fields, done, answer["ETag"])

    def _refusal(self, error: Exception) -> render.Response:
        """An error as an answer; what is no S3Error is logged."""
        if not isinstance(error, S3Error):
            log.error("request %s failed", self.request_id, exc_info=error)
            error = S3Error("InternalError")
        return render.render_error(
            error, self.request, self.operation, self.target, self.request_id, self.gateway.host_id
        )

    def _outcome(self, task: patience.Call, arguments: dict[str, Any]) -> bytes:
        """The document that ends the answer to a long call."""
        assert self.request is not None
        assert self.operation is not None
        try:
            response = render.render(self.operation, self.request, arguments, task.result())
        except Exception as error:
            response = self._refusal(error)
        assert isinstance(response.body, bytes)
        return response.body

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
        self.status = response.status
        if isinstance(body, BytesBody):  # one message for the whole goes out with the head
            body = body.data
        if isinstance(body, bytes):
            await self.send({"type": "http.response.start", "status": response.status, "headers": headers})
            await self.send({"type": "http.response.body", "body": body})
            return
        try:
            await self.send({"type": "http.response.start", "status": response.status, "headers": headers})
            async for piece in body:
                await self.send({"type": "http.response.body", "body": piece, "more_body": True})
            await self.send({"type": "http.response.body", "body": b""})
        finally:
            await body.aclose()

    def _log(self, scope: Message, seconds: float) -> None:
        """One line a request; the path is escaped, so that no request can forge a line."""
        path = scope["raw_path"].decode("ascii", "backslashreplace")
        access_log.debug(
            "%s %s %s %s %d %.1fms",
            self.request_id,
            scope["method"],
            ascii(path)[1:-1],
            self.operation or "-",
            self.status,
            seconds * 1000,
        )


def _asks_for(path: bytes, scope: Message) -> bool:
    """Whether a request is a GET or HEAD of a path of ours, wherever we are mounted."""
    asked: bytes = scope.get("raw_path") or b""
    return scope["method"] in ("GET", "HEAD") and asked.removeprefix(scope.get("root_path", "").encode()) == path
