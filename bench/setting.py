"""What every measure is given: how long and how often, the servers that several share, and clients."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import boto3
from botocore.config import Config

from bench import figure, objects, requests, servers, wrk
from bench.figure import Figure
from bench.load import Load
from bench.servers import Server

BUCKET = "colonnade-bench"
Asked: TypeAlias = tuple[Server, Sequence[bytes]]

#: Seconds of load before a server is measured: what it does once it has done by then.
WARM_UP = 1

KEYS = [f"k{number:03}" for number in range(100)]


@dataclass
class Setting:
    """How to measure, and where. What it starts is stopped with `stack`.

    `directory` is empty and on the filesystem to measure; `seconds` are those of one load; `long` asks for what takes
    minutes; `peer` is the URL of another endpoint to measure beside.
    """

    stack: ExitStack
    directory: Path
    rounds: int = 5
    seconds: int = 3
    connections: int = 32
    workers: int = 2
    long: bool = False
    peer: str | None = None
    _made: int = field(default=0, init=False)

    def fresh(self) -> Path:
        """A path that is not there yet."""
        self._made += 1
        return self.directory / f"made{self._made}"

    def start(self, command: Sequence[str]) -> Server:
        """A server that runs to the end."""
        return self.stack.enter_context(servers.running(command))

    @cached_property
    def hello(self) -> Server:
        """The yardstick."""
        return self.start(servers.hello(self.workers))

    @cached_property
    def served(self) -> Path:
        """The directory of `gateway`."""
        return self.fresh()

    @property
    def pattern(self) -> Path:
        """An object that the gateway wrote, for :func:`bench.objects.clone`."""
        self.gateway  # noqa: B018 (which writes it)
        return self.served / BUCKET / KEYS[0]

    @cached_property
    def gateway(self) -> Server:
        """The product over a directory, without fsync, with a bucket that has a hundred objects of 4 KiB."""
        server = self.start(servers.directory(self.served, self.workers, "--no-fsync"))
        fill(server)
        return server

    def load(self, server: Server, wanted: Sequence[bytes], **more: Any) -> Load:
        """Load by wrk; `more` are further arguments of :func:`bench.wrk.drive`."""
        return wrk.drive(server, wanted, **{"connections": self.connections, "seconds": self.seconds, **more})

    def say_hello(self, **more: Any) -> Load:
        """The yardstick's load."""
        return self.load(*self._greeting, **more)

    def beside_hello(self, what: str, server: Server, wanted: Sequence[bytes]) -> Figure:
        """A rate as a share of the yardstick's."""
        return self.beside(what, self._greeting, (server, wanted))

    def beside(self, what: str, yardstick: Asked, measured: Asked, **more: Any) -> Figure:
        """A rate as a share of another; the two are taken in turn, so that a drifting machine changes both."""
        for asked in (yardstick, measured):
            self.load(*asked, **{**more, "seconds": WARM_UP})
        pairs = [(self.load(*yardstick, **more), self.load(*measured, **more)) for _ in range(self.rounds)]
        return figure.share(what, pairs)

    @property
    def _greeting(self) -> Asked:
        return self.hello, [requests.plain(self.hello, "/")]


def small_gets(server: Server) -> list[bytes]:
    """Presigned GETs of the hundred objects."""
    return [requests.presigned(server, f"/{BUCKET}/{key}") for key in KEYS]


def puts(server: Server, prefix: str = "") -> list[bytes]:
    """Presigned PUTs over a hundred keys in turn, with a thousand different bodies."""
    keys = [f"/{BUCKET}/{prefix}{key}" for key in KEYS]
    return [requests.presigned(server, keys[n % 100], "PUT", body=objects.body(n)) for n in range(1000)]


def fill(server: Server) -> None:
    """Make the bucket and its hundred objects."""
    s3 = client(server)
    s3.create_bucket(Bucket=BUCKET)
    for number, key in enumerate(KEYS):
        s3.put_object(Bucket=BUCKET, Key=key, Body=objects.body(number))


def client(server: Server) -> Any:
    """boto3 at a server."""
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name=requests.REGION,
        aws_access_key_id=server.keys[0],
        aws_secret_access_key=server.keys[1],
        config=config,
    )
