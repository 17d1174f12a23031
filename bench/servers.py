"""The servers under load, each in processes of its own, on free loopback ports."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from colonnade.app import Gateway
from colonnade.backends import load
from colonnade.iam.single import SingleAccount
from colonnade.server import Door, ServerSettings, serve

ACCESS, SECRET = "benchmark", "secret-of-the-benchmark"


@dataclass(frozen=True)
class Server:
    """A server that runs: its URL, and the process whose children are the workers."""

    url: str
    pid: int


@contextmanager
def running(factory: Callable[[], Any], workers: int) -> Iterator[Server]:
    """A server with the applications that `factory` makes, stopped at the end."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(factory, workers, theirs))
    process.start()
    try:
        yield Server(ours.recv(), process.pid or 0)
    finally:
        os.kill(process.pid or 0, signal.SIGTERM)
        process.join()


def _serve(factory: Callable[[], Any], workers: int, pipe: Connection) -> None:
    settings = ServerSettings(
        [Door(["127.0.0.1:0"])],
        factory,
        workers=workers,
        on_listening=lambda urls: pipe.send(urls[0][0]),
        stop_timeout=1.0,
    )
    serve(settings)


def directory_gateway(path: str, *, fsync: bool) -> Callable[[], Gateway]:
    """A gateway over a directory."""
    return lambda: Gateway(load("posix", {"path": path, "fsync": fsync}), SingleAccount(ACCESS, SECRET))


def proxy_gateway(upstream: str) -> Callable[[], Gateway]:
    """A gateway over another S3 service, one of these."""
    options = {"endpoint": upstream, "access": ACCESS, "secret": SECRET, "use_path_style": True}
    return lambda: Gateway(load("s3", options), SingleAccount(ACCESS, SECRET))
