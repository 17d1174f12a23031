"""A gateway to test against: a real server on a loopback port, for as long as a `with` block.

    with colonnade.testing.server() as s:
        client = boto3.client("s3", **s.boto3)

Also a pytest fixture, ``colonnade_server``, for projects that name this module in ``pytest_plugins``.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvloop

from colonnade.app import Gateway
from colonnade.backend import Backend
from colonnade.iam.single import SingleAccount
from colonnade.server.listen import listen
from colonnade.server.settings import Door, ServerSettings
from colonnade.server.worker import run_worker

if TYPE_CHECKING:
    from colonnade.iam.accounts import Accounts


@dataclass(frozen=True)
class Endpoint:
    """An S3 endpoint, ours or another's, and keys for it."""

    url: str
    access: str
    secret: str
    region: str

    @property
    def boto3(self) -> dict[str, Any]:
        """Keyword arguments for ``boto3.client("s3", ...)``."""
        return {
            "endpoint_url": self.url,
            "aws_access_key_id": self.access,
            "aws_secret_access_key": self.secret,
            "region_name": self.region,
        }


@dataclass(frozen=True)
class RunningServer(Endpoint):
    """A server that answers."""

    gateway: Gateway


@contextmanager
def server(
    backend: Backend | None = None, *, accounts: Accounts | None = None, region: str = "us-east-1", **gateway: Any
) -> Iterator[RunningServer]:
    """Serve `backend` (in memory unless given) on a free port of 127.0.0.1, in a thread of its own.

    Without `accounts` there is one, with random keys. `gateway` are further arguments of
    :class:`~colonnade.app.Gateway`. Raises what the backend's `start` raises.
    """
    if backend is None:
        from colonnade.backends import load

        backend = load("memory", {})
    root = SingleAccount("test" + secrets.token_hex(8), secrets.token_hex(20))
    app = Gateway(backend, accounts or root, region=region, **gateway)
    running = _Thread(app)
    running.start()
    try:
        yield RunningServer(running.url, root.root.access, root.root.secret, region, app)
    finally:
        running.stop()


class _Thread:
    """One worker, in a thread instead of a process."""

    def __init__(self, app: Gateway) -> None:
        self.app = app
        self.listener = listen("127.0.0.1:0")[0]
        self.url = self.listener.url(tls=False)
        self.ready = threading.Event()
        self.failure: BaseException | None = None
        self.thread = threading.Thread(target=self._main, name="colonnade", daemon=True)
        self.loop: asyncio.AbstractEventLoop
        self.stopping: asyncio.Event

    def start(self) -> None:
        self.thread.start()
        self.ready.wait()
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join()
        self.listener.close()
        if self.failure is not None:
            raise self.failure

    def _main(self) -> None:
        try:
            uvloop.run(self._serve())
        except BaseException as error:  # handed to the thread that waits
            self.failure = error
        finally:
            self.ready.set()

    async def _serve(self) -> None:
        self.loop, self.stopping = asyncio.get_running_loop(), asyncio.Event()
        settings = ServerSettings((Door((self.url,)),), lambda: self.app, stop_timeout=5.0)
        await run_worker(self.app, (self.listener.sockets,), settings, self.stopping, started=self.ready.set)
