"""Requests that boto3 signs and that are all sent at the same moment, each over a connection of its own."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from yarl import URL

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True)
class Reply:
    """An answer; `code` is S3's of a refusal, empty for a success."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """S3's code, which a long call says in the body of a 200."""
        found = re.search(rb"<Error>.*?<Code>(\w+)</Code>", self.body, re.DOTALL)
        return found[1].decode() if found else ""

    def find(self, element: str) -> str:
        """What an element of the document says."""
        found = re.search(rf"<{element}>(.*?)</{element}>", self.body.decode(), re.DOTALL)
        assert found is not None, self.body
        return found[1].replace("&quot;", '"').replace("&#34;", '"')


class Fleet:
    """Clients of gateways that serve the directory `data`."""

    def __init__(self, clients: Sequence[S3Client], data: Path) -> None:
        self.clients = clients
        self.data = data
        self.client = clients[0]

    def at_once(self, calls: Sequence[tuple[str, dict[str, Any]]]) -> list[Reply]:
        """Send calls, each a method of boto3 and its arguments, spread over the gateways; their answers in order."""
        signed = [_sign(self.clients[n % len(self.clients)], *call) for n, call in enumerate(calls)]
        return asyncio.run(_send(signed))


def codes(replies: Sequence[Reply]) -> list[str]:
    """The codes of all replies, sorted; an empty one for each success."""
    return sorted(reply.code for reply in replies)


def _sign(client: S3Client, method: str, arguments: dict[str, Any]) -> AWSPreparedRequest:
    caught: list[AWSPreparedRequest] = []

    def catch(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        caught.append(request)
        return AWSResponse(request.url, 500, {}, None)

    client.meta.events.register("before-send.s3", catch)
    try:
        getattr(client, method)(**arguments)
    except Exception:
        pass
    finally:
        client.meta.events.unregister("before-send.s3", catch)
    return caught[0]


async def _send(signed: Sequence[AWSPreparedRequest]) -> list[Reply]:
    gate = asyncio.Event()
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        tasks = [asyncio.create_task(_one(session, gate, request)) for request in signed]
        await asyncio.sleep(0)
        gate.set()
        return await asyncio.gather(*tasks)


async def _one(session: aiohttp.ClientSession, gate: asyncio.Event, request: AWSPreparedRequest) -> Reply:
    body = request.body.read() if hasattr(request.body, "read") else request.body
    headers = {
        name: value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
        if name.lower() not in ("expect", "content-length")
    }
    await gate.wait()
    url = URL(request.url, encoded=True)
    async with session.request(request.method, url, data=body or b"", headers=headers) as answer:
        return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.read())
