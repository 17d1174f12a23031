"""The ASGI application: the steps of a request, in order.

Mounts in any ASGI server or program. What the steps are is written in `_S3.answer`; each of them lives in the
wire, the access rules or the backend.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Coroutine, Sequence
from functools import partial
from typing import Any

from colonnade import context, health, ifrange
from colonnade.access import decide, expected
from colonnade.access.cache import Remembering
from colonnade.access.table import LATE
from colonnade.admin import steps
from colonnade.backend import Answer, Arguments, Backend
from colonnade.crossorigin import CrossOrigin
from colonnade.exchange import Exchange, Message, Receive, Send
from colonnade.facts import Known
from colonnade.iam.accounts import Accounts
from colonnade.inflight import InFlight
from colonnade.logs import Log
from colonnade.logs.audit import AuditLog
from colonnade.mark import Mark
from colonnade.permission import JUDGED, Asked, Permission
from colonnade.rules import tokens
from colonnade.wire import address, parse, patience, payload, post, render, route, signature
from colonnade.wire.request import Request


class Gateway:
    """One S3 endpoint over one backend, as an ASGI application.

    `accounts` knows who may sign; `region` is the one signatures must name; `virtual_domains` are the domains
    whose sub-domains are buckets; `health` is a path answered with 200 to anybody (see :mod:`colonnade.health`);
    `max_requests` bounds how many are carried out at once, the rest are told SlowDown; `show_backend` says in a
    header which backend answered; `patience` is how many seconds a long call may be silent before its answer begins
    with white space (see :mod:`colonnade.wire.patience`); `cors_origin` is the origin whose pages may use buckets
    without a CORS configuration; without `acls` buckets are used by their owners and by policies alone; `mark` is how
    several workers tell each other of changes to buckets; without `admin`
    the administrator's API is not here, but where :class:`colonnade.admin.port.AdminPort` is served. Requests are
    recorded in `access_log`, those of administrators in `admin_log`. Started and closed by ASGI lifespan messages, or
    by `start` and `close`.
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
        mark: Mark | None = None,
        admin: bool = True,
        access_log: Log | None = None,
        admin_log: Log | None = None,
    ) -> None:
        self.backend = Remembering(backend, mark, accounts.root.access)
        self.accounts = accounts
        self.region = region
        self.virtual_domains = tuple(virtual_domains)
        self.health = health.encode() if health else None
        self.admin = admin
        self.access_log, self.admin_log = access_log, admin_log or AuditLog()
        self.show_backend = show_backend
        self.patience = patience
        self.permission = Permission(self.backend, accounts, acls=acls)
        self.cross_origin = CrossOrigin(backend, cors_origin)
        self.token_key = tokens.key(accounts.root.secret)
        self.host_id = base64.b64encode(os.urandom(48)).decode()
        self.own_headers = [(b"x-amz-id-2", self.host_id.encode()), (b"server", b"Colonnade")]
        self.in_flight = InFlight(max_requests)

    async def start(self) -> None:
        """Make the backend ready."""
        await self.backend.start()

    async def close(self) -> None:
        """Let the backend go, the accounts and the logs."""
        await self.backend.close()
        await self.accounts.close()
        for each in (self.access_log, self.admin_log):
            if each is not None:
                await each.close()

    async def drain(self, timeout: float) -> None:
        """Wait until no request is being carried out, for at most `timeout` seconds."""
        await self.in_flight.drain(timeout)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope: a request, or the lifespan."""
        if scope["type"] == "http":
            with self.in_flight:
                await _S3(self, receive, send).run(scope)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)

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


class _S3(Exchange):
    """A request of S3's, or of the administrators' where they have no port of their own."""

    async def answer(self, scope: Message) -> render.Response:
        """The steps of a request."""
        gateway = self.gateway
        if health.asked(gateway.health, scope):
            self.operation = "Health"
            return await health.answer(gateway.backend, scope["query_string"])
        gateway.in_flight.check()
        request = self.request = Request.from_scope(scope)
        if gateway.admin and steps.concern(request):
            return await steps.answer(self, request)
        target = self.target = address.resolve(request, gateway.virtual_domains)
        if request.method == "OPTIONS":
            return await gateway.cross_origin.preflight(request, target)
        if "origin" in request.headers:
            self.cors = await gateway.cross_origin.headers(request, target)
        operation = self.operation = route.route(request, target)
        if operation == "PostObject":
            return await self._post(request, target)
        signed = await signature.verify(request, gateway.accounts, region=gateway.region, now=time.time())
        self.signed = signed
        account = signed.account if signed is not None else None
        context.set_caller(account)
        if expected.said(request):
            await expected.check(gateway.backend, request, target, operation)
        asked = None
        if not decide.free(account):
            asked = Asked(account, operation, request, target, Known(request, account, signed, operation))
            if operation not in LATE:
                await gateway.permission.check(asked)
        self.body = payload.open_body(request, signed, self.receive)
        if operation in ("PutObject", "UploadPart"):
            payload.require_length(self.body)
        arguments = self.arguments = await parse.parse(operation, request, target, self.body)
        if operation in JUDGED or "BypassGovernanceRetention" in arguments:
            await gateway.permission.judge(asked, operation, arguments)
        if "if-range" in request.headers and "Range" in arguments:
            call = ifrange.read(partial(self._call, asked, operation), request, arguments)
        else:
            call = self._call(asked, operation, arguments)
        if operation in patience.LONG:
            task = await patience.start(call, gateway.patience)
            if not task.done():
                late = patience.Late(task, gateway.patience, lambda: self._outcome(task, arguments))
                return render.Response(200, [(b"content-type", b"application/xml")], late)
            answer = task.result()
        else:
            answer = await call
        response = render.render(operation, request, arguments, answer)
        if operation == "HeadBucket":  # wherever it lies: this is what requests for it must be signed for
            response.headers = [line for line in response.headers if line[0] != _REGION]
            response.headers.append((_REGION, gateway.region.encode()))
        return response

    def _call(self, asked: Asked | None, operation: str, arguments: Arguments) -> Coroutine[Any, Any, Answer]:
        """What carries an operation out; `asked` where rights are still to be judged."""
        if asked is None:
            return self.gateway.backend.call(operation, arguments)
        return self.gateway.permission.call(asked, operation, arguments)

    def refusal(self, error: Exception) -> render.Response:
        """See Exchange. S3 tells a bucket's region also to those who may not see it, or signed for another one."""
        response = super().refusal(error)
        if self.operation == "HeadBucket" and self.error in _TELL_REGION:
            response.headers.append((_REGION, self.gateway.region.encode()))
        return response

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
        for said in (request, put):  # it may stand in a header, and in a field
            await expected.check(gateway.backend, said, target, "PutObject")
        if not decide.free(account):
            known = Known(put, account, None, "PutObject", form=True)
            await gateway.permission.check(Asked(account, "PutObject", put, target, known))
        arguments = await parse.parse("PutObject", put, target, form.file)
        await gateway.permission.judge(None, "PutObject", arguments)
        answer = await gateway.backend.call("PutObject", arguments)
        done = render.render("PutObject", put, arguments, answer)
        return post.render(request, target, form.fields, done, answer["ETag"])

    def _outcome(self, task: patience.Call, arguments: dict[str, Any]) -> bytes:
        """The document that ends the answer to a long call."""
        assert self.request is not None
        assert self.operation is not None
        try:
            response = render.render(self.operation, self.request, arguments, task.result())
        except Exception as error:
            response = self.refusal(error)
        assert isinstance(response.body, bytes)
        return response.body


_REGION = b"x-amz-bucket-region"

#: Refusals of HeadBucket that tell the region nevertheless. SDKs find it there, for an answer to HEAD has no body.
_TELL_REGION = frozenset({"AccessDenied", "AuthorizationHeaderMalformed", "AuthorizationQueryParametersError"})
