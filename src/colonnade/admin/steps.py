"""The steps of a request of the administrator's API, on whatever port it comes."""

from __future__ import annotations

import time

from colonnade import context
from colonnade.access import cors
from colonnade.admin import answers, api
from colonnade.admin.asked import Asked
from colonnade.errors import S3Error
from colonnade.exchange import Exchange
from colonnade.wire import payload, signature
from colonnade.wire.render import Response
from colonnade.wire.request import Request


def concern(request: Request) -> bool:
    """Whether a request is one of these, or a browser's question whether a page may send one."""
    if request.method != "OPTIONS":
        return request.method == "PATCH"
    about = request.headers.get("access-control-request-method")
    return about == "PATCH" and api.find(request.raw_path.removeprefix(request.mount)) is not None


async def answer(exchange: Exchange, request: Request) -> Response:
    """Carry one out. Raises S3Error."""
    gateway, origin = exchange.gateway, exchange.gateway.cross_origin.fallback
    exchange.administers = True
    if request.method == "OPTIONS":
        return answers.empty(200) if origin is None else Response(204, cors.mirrored(origin, request.headers), b"")
    if "origin" in request.headers:
        exchange.cors = cors.actual(None, origin, request.headers["origin"], request.method)
    path = request.raw_path.removeprefix(request.mount)
    found = api.find(path)
    if found is None:
        raise S3Error("MethodNotAllowed", Method=request.method, ResourceType="SERVICE")
    name, carry_out = found
    exchange.operation = f"admin_{name}"  # as logs have it
    signed = exchange.signed = await signature.verify(request, gateway.accounts, region=gateway.region, now=time.time())
    context.set_caller(api.check(signed).account)
    exchange.body = payload.open_body(request, signed, exchange.receive)
    asked = Asked(request, path, exchange.body, gateway.backend, gateway.accounts)
    exchange.asked_for = asked.changes
    return await carry_out(asked)
