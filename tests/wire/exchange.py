"""A boto3 client whose requests reach the wire without a network, and whose answers come from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from colonnade.body import Body, BytesBody
from colonnade.wire import address, parse, render, route
from colonnade.wire.address import Target
from colonnade.wire.request import Request

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns."""
    return asyncio.run(coroutine)


def request(
    method: str, target: str, headers: dict[str, str] | None = None, *, host: str = "s3.example.com"
) -> Request:
    """A request by its line and headers."""
    path, _, query = target.partition("?")
    lowered = {name.lower(): value for name, value in (headers or {}).items()}
    return Request(method, path.encode(), query.encode(), {"host": host} | lowered)


def parsed(asked: Request, body: bytes = b"") -> dict[str, Any]:
    """The arguments of a request, routed as it is."""
    target = address.resolve(asked)
    return run(parse.parse(route.route(asked, target), asked, target, BytesBody(body)))


class Raw:
    """What botocore reads an answer's body from."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def stream(self, *_size: int, **_how: bool) -> Iterator[bytes]:
        """The body in one piece."""
        yield self.data

    def read(self, size: int | None = None) -> bytes:
        """The next bytes."""
        size = len(self.data) if size is None else size
        data, self.data = self.data[:size], self.data[size:]
        return data


class Exchange:
    """A client; `seen` holds what the last request became, `answer` is what the next ones are answered with."""

    def __init__(self) -> None:
        config = Config(
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            parameter_validation=False,
        )
        self.client = boto3.client(
            "s3",
            endpoint_url="http://s3.example.com",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=config,
        )
        self.client.meta.events.register("before-send.s3", self._send)
        self.answer: dict[str, Any] | Callable[[], dict[str, Any]] = {}
        self.operation = ""
        self.arguments: dict[str, Any] = {}
        self.body = b""
        self.request: Request | None = None

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        body = _bytes(request.body)
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else value
            for name, value in request.headers.items()
        }
        asked = Request(request.method, url.path.encode(), url.query.encode(), headers)
        self.request = asked
        target = address.resolve(asked)
        self.operation = route.route(asked, target)
        self.body = body
        self.arguments = run(parse.parse(self.operation, asked, target, BytesBody(body)))
        return self._respond(request, asked, target)

    def _respond(self, request: AWSPreparedRequest, asked: Request, _target: Target) -> AWSResponse:
        answer = self.answer() if callable(self.answer) else self.answer
        response = render.render(self.operation, asked, self.arguments, answer)
        body = run(response.body.read()) if isinstance(response.body, Body) else response.body
        headers = {name.decode(): value.decode("utf-8") for name, value in response.headers}
        return AWSResponse(request.url, response.status, headers, Raw(body))


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body)
