"""Small requests: reads and listings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bench import ab, figure, objects, requests, servers
from bench.figure import Figure
from bench.servers import Server
from bench.setting import BUCKET, KEYS, Setting, small_gets

#: So many different signatures that none comes twice while it is measured: 600 seconds of each of a hundred keys.
_SECONDS_BACK = 600


def reads(setting: Setting) -> Iterator[Figure]:
    """GET and HEAD."""
    server = setting.gateway
    yield setting.beside_hello("GET 4 KiB", server, small_gets(server))
    signed = [requests.signed(server, f"/{BUCKET}/{key}", ago) for ago in range(_SECONDS_BACK) for key in KEYS]
    yield setting.beside_hello("GET 4 KiB, signed headers", server, signed)
    target = requests.presigned_target(server, f"/{BUCKET}/{KEYS[0]}", "HEAD")
    load = {"connections": setting.connections, "seconds": setting.seconds}
    pairs = [(ab.drive(setting.hello, "/", **load), ab.drive(server, target, **load)) for _ in range(setting.rounds)]
    yield figure.share("HEAD", pairs)


def listings(setting: Setting) -> Iterator[Figure]:
    """Pages of a hundred and of a thousand keys, the same ones again and again."""
    server, top = setting.gateway, setting.served / BUCKET
    (top / "many").mkdir(exist_ok=True)
    objects.clone(top / KEYS[0], [top / "many" / f"k{number:03}" for number in range(1000)])
    for what, page in pages(server).items():
        yield setting.beside_hello(what, server, page)


def pages(server: Server) -> dict[str, list[bytes]]:
    """Listings of the hundred keys, and of a thousand."""
    queries = {
        "LIST 100": [("delimiter", "/"), ("list-type", "2"), ("max-keys", "100")],
        "LIST 1,000": [("list-type", "2"), ("prefix", "many/")],
    }
    return {what: [requests.presigned(server, f"/{BUCKET}", query=query)] for what, query in queries.items()}


def proxied(setting: Setting) -> Iterator[Figure]:
    """GET carried on to another S3 server on this machine: both do all their work here."""
    proxy = setting.start(servers.service(setting.gateway.url, setting.workers))
    proxy = replace(proxy, behind=setting.gateway)
    yield setting.beside_hello("GET 4 KiB through the s3 backend", proxy, small_gets(proxy))
