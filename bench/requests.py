"""Requests written out as bytes before anything is measured: a load generator that signs would measure itself."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from bench.servers import Server
from colonnade import sigv4

Pairs = Iterable[tuple[str, str]]

REGION = "us-east-1"


def plain(
    server: Server, target: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> bytes:
    """A request for a path and query, whole."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {server.host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method == "PUT":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def presigned_target(
    server: Server, path: str, method: str = "GET", query: Pairs = (), keys: tuple[str, str] | None = None
) -> str:
    """Path and query of a presigned request, good for a day; by root unless other keys are given.

    `path` needs no encoding.
    """
    keys = keys or server.keys
    signed = sigv4.presign(
        method,
        path.encode(),
        query,
        {"host": server.host},
        access=keys[0],
        secret=keys[1],
        region=REGION,
        timestamp=_stamp(time.time()),
        expires=86400,
    )
    return f"{path}?{signed}"


def presigned(server: Server, path: str, method: str = "GET", query: Pairs = (), body: bytes = b"") -> bytes:
    """A presigned request, whole."""
    return plain(server, presigned_target(server, path, method, query), method, body)


def url(server: Server, path: str, method: str = "GET", query: Pairs = ()) -> str:
    """A presigned URL."""
    return server.url + presigned_target(server, path, method, query)


def signed(server: Server, path: str, ago: int = 0) -> bytes:
    """A GET signed in its headers, `ago` seconds in the past: each another signature."""
    headers = {
        "host": server.host,
        "x-amz-content-sha256": sigv4.EMPTY_SHA256,
        "x-amz-date": _stamp(time.time() - ago),
    }
    authorization = sigv4.sign_headers(
        "GET",
        path.encode(),
        (),
        headers,
        access=server.keys[0],
        secret=server.keys[1],
        region=REGION,
        timestamp=headers["x-amz-date"],
        payload=sigv4.EMPTY_SHA256,
    )
    del headers["host"]
    return plain(server, path, headers={**headers, "authorization": authorization})


def _stamp(when: float) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
