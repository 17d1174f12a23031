"""The gateway as an ASGI application among others, and what it logs."""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

import colonnade
import colonnade.testing
from colonnade.backends import load
from colonnade.iam.single import SingleAccount


def gateway() -> colonnade.Gateway:
    """A gateway over an empty memory backend."""
    return colonnade.Gateway(load("memory", {}), SingleAccount("access", "secret"))


def presigned(method: str, root: str = "", **parameters: Any) -> tuple[str, bytes, bytes]:
    """HTTP method, path and query of a presigned request to an endpoint below `root`."""
    client: Any = boto3.client(
        "s3",
        endpoint_url=f"http://host{root}",
        aws_access_key_id="access",
        aws_secret_access_key="secret",
        region_name="us-east-1",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    url = urlsplit(client.generate_presigned_url(method, Params=parameters))
    return {"create_bucket": "PUT", "list_buckets": "GET"}[method], url.path.encode(), url.query.encode()


async def send_to(app: Any, request: tuple[str, bytes, bytes], root: str = "") -> tuple[int, bytes]:
    """One request straight to an ASGI application: status and body."""
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    method, path, query = request
    headers = [(b"host", b"host"), (b"content-length", b"0")]
    scope = {"type": "http", "method": method, "raw_path": path, "path": path.decode(), "query_string": query}
    await app(scope | {"root_path": root, "headers": headers}, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def test_mounted_below_a_path() -> None:
    """Mounted in another program, what leads to it is signed but names no bucket."""
    app = gateway()
    assert (await send_to(app, presigned("create_bucket", "/s3", Bucket="bucket"), "/s3"))[0] == 200
    status, body = await send_to(app, presigned("list_buckets", "/s3"), "/s3")
    assert status == 200
    assert b"<Name>bucket</Name>" in body


async def test_health_below_a_path() -> None:
    """Mounted in another program, the health path is below what leads to it."""
    app = gateway()
    app.health = b"/health"
    assert await send_to(app, ("GET", b"/s3/health", b""), "/s3") == (200, b"OK")


async def test_lifespan_starts_and_closes() -> None:
    """The program it is mounted in starts and closes it by ASGI's lifespan messages."""
    messages = iter(["lifespan.startup", "lifespan.shutdown"])
    sent: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": next(messages)}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    await gateway()({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


async def test_one_access_line_a_request(caplog: pytest.LogCaptureFixture) -> None:
    """In debug every request is one line, which no path can break in two."""
    caplog.set_level(logging.DEBUG, "colonnade.access")
    await send_to(gateway(), ("GET", b"/bucket/a\nb\x1b[2J", b""))
    (line,) = [record.getMessage() for record in caplog.records if record.name == "colonnade.access"]
    assert "GET /bucket/a%0Ab%1B[2J GetObject 404" in line


async def test_more_requests_than_allowed_are_told_to_slow_down() -> None:
    """Beyond max_requests at once the answer is SlowDown."""
    app = gateway()
    app.in_flight.most = 0
    status, body = await send_to(app, presigned("list_buckets"))
    assert (status, b"<Code>SlowDown</Code>" in body) == (503, True)


async def walked(app: colonnade.Gateway, token: str) -> tuple[int, bytes]:
    """A page of one bucket, from a token on."""
    more = {"ContinuationToken": token} if token else {}
    return await send_to(app, presigned("list_buckets", MaxBuckets=1, **more))


async def test_tokens_of_one_root() -> None:
    """Any gateway with the same root goes on from a token, one with another root does not."""
    backend = load("memory", {})
    mine, other = (colonnade.Gateway(backend, SingleAccount("access", "secret")) for _ in range(2))
    for name in ("one", "two"):
        await send_to(mine, presigned("create_bucket", Bucket=name * 2))
    found = re.search(b"<ContinuationToken>(.*?)<", (await walked(mine, ""))[1])
    assert found is not None
    assert b"twotwo" in (await walked(other, found[1].decode()))[1]
    other.token_key = b"of another root"
    assert (await walked(other, found[1].decode()))[0] == 400
