"""What a client of the gateway sees when the S3 service behind breaks, and what that sees of a client that breaks."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from colonnade import testing
from colonnade.backends.s3 import S3Backend
from colonnade.backends.s3.settings import Settings
from tests.faults.operations import OLD
from tests.faults.proxy import Proxy, proxied
from tests.faults.table import AMPLE, FAULTS, SOON


def client_of(endpoint: testing.Endpoint) -> Any:
    """boto3, for presigned URLs and for what is done straight."""
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4")
    return boto3.client("s3", **endpoint.boto3, config=config)


@dataclass
class Chain:
    """client, gateway, proxy, upstream: with an object that the upstream has."""

    gateway: testing.RunningServer
    proxy: Proxy
    upstream: Any

    async def ask(self, method: str, sent: bytes = b"", length: int = 0) -> bytes:
        """All that the gateway sends until it closes. `length` is what the request promises to send."""
        url = urlsplit(
            client_of(self.gateway).generate_presigned_url(f"{method}_object", {"Bucket": "b2b", "Key": "k"})
        )
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        head = f"{method.upper()} {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nConnection: close\r\n"
        answer = b""
        try:
            writer.write(f"{head}Content-Length: {length}\r\n\r\n".encode() + sent)
            if len(sent) < length:
                await self.proxy.reached()
                writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                while piece := await reader.read(65536):
                    answer += piece
        finally:
            writer.close()
        return answer

    async def kept(self) -> bytes:
        """What the upstream has."""
        data: bytes = await asyncio.to_thread(lambda: self.upstream.get_object(Bucket="b2b", Key="k")["Body"].read())
        return data


@contextlib.asynccontextmanager
async def chained(fault: str = "well") -> AsyncIterator[Chain]:
    """One of them, with a fault between gateway and upstream; only what never comes is given up soon."""
    with testing.server() as upstream:
        behind = client_of(upstream)
        await asyncio.to_thread(behind.create_bucket, Bucket="b2b")
        await asyncio.to_thread(behind.put_object, Bucket="b2b", Key="k", Body=OLD)
        async with proxied(upstream.url) as proxy:
            seconds: dict[str, Any] = {"answer_timeout": AMPLE, "stall_timeout": AMPLE}
            if waits := FAULTS[fault].waits:
                seconds[waits] = SOON
            settings = Settings(endpoint=proxy.url, access=upstream.access, secret=upstream.secret, **seconds)
            with testing.server(S3Backend(settings)) as gateway:
                await proxy.use(FAULTS[fault])
                yield Chain(gateway, proxy, behind)


async def test_well() -> None:
    """Nothing is broken, and the object comes whole."""
    async with chained() as chain:
        assert (await chain.ask("get")).endswith(OLD)


@pytest.mark.parametrize("fault", ["reset in the body", "closed in the body", "stalls in the body"])
async def test_an_object_that_breaks_is_cut(fault: str) -> None:
    """After the head there is no second answer: the client gets less than the length it was told."""
    async with chained(fault) as chain:
        head, _, body = (await chain.ask("get")).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert f"content-length: {len(OLD)}".encode() in head.lower()
        assert OLD.startswith(body)
        assert len(body) < len(OLD)
        assert await chain.proxy.settled()


@pytest.mark.parametrize("fault", ["refused", "black hole", "404 in HTML"])
async def test_a_head_that_breaks_is_503(fault: str) -> None:
    """Before the head the client is told, and in S3's words."""
    async with chained(fault) as chain:
        head, _, body = (await chain.ask("get")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503")
    assert b"<Code>ServiceUnavailable</Code>" in body


async def test_a_client_that_goes_leaves_nothing() -> None:
    """An upload that its client breaks off is no object, and no connection to the upstream stays open for it."""
    async with chained() as chain:
        await chain.ask("put", b"new." * 500_000, length=4 * 1024 * 1024)
        assert await chain.proxy.settled()
        assert not chain.proxy.delivered
        assert await chain.kept() == OLD
