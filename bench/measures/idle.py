"""What idle keep-alive connections cost: the rate beside them, and memory."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench import processes, servers
from bench.figure import Figure, share
from bench.servers import Server
from bench.setting import WARM_UP, Setting, fill, small_gets

CONNECTIONS = 2000


def idle(setting: Setting) -> Iterator[Figure]:
    """Each has made one request; then they are silent while others ask."""
    server = setting.start(servers.directory(setting.fresh(), setting.workers, "--no-fsync"))
    fill(server)
    gets = small_gets(server)
    pairs, costs = [], []
    setting.load(server, gets, seconds=WARM_UP)
    for _ in range(setting.rounds):
        alone = setting.load(server, gets)
        before = sum(processes.resident(server.pid))
        with _connections(server, gets[0]):
            costs.append((sum(processes.resident(server.pid)) - before) * 1024 / CONNECTIONS)
            pairs.append((alone, setting.load(server, gets)))
    yield share("rate beside 2,000 idle connections", pairs)
    yield Figure("memory of an idle connection", costs[:1])  # what is freed is used again by the next round's


@contextmanager
def _connections(server: Server, request: bytes) -> Iterator[None]:
    address, _, port = server.host.rpartition(":")
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            one = stack.enter_context(socket.create_connection((address, int(port))))
            one.sendall(request)
            if not one.recv(64 * 1024).startswith(b"HTTP/1.1 200"):
                raise RuntimeError("a connection that should be idle was refused")
        yield
