"""What a worker has in memory at the most: idle, with slow readers, with many uploads."""

from __future__ import annotations

import selectors
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

from bench import curl, processes, requests, servers
from bench.curl import GIB, MIB
from bench.figure import Figure
from bench.servers import Server
from bench.setting import BUCKET, Setting, client, fill

READERS, WRITERS = 256, 64


def memory(setting: Setting) -> Iterator[Figure]:
    """The worst worker of a fresh server each; uploads are cut off after ten seconds unless the run is a long one."""
    top = setting.fresh()
    command = servers.directory(top, setting.workers, "--no-fsync")
    with servers.running(command) as server:
        fill(server)
        curl.sparse(top / BUCKET / "large", GIB)
    with servers.running(command) as server:
        client(server).head_object(Bucket=BUCKET, Key="large")
        yield Figure("memory, idle", [max(processes.resident(server.pid))])
        read_slowly(server, 5.0)
        yield Figure("memory, 256 slow GETs of 1 GiB", [max(processes.peak_resident(server.pid))])
    with servers.running(command) as server:
        _upload(server, setting)
        yield Figure("memory, 64 PUTs of 256 MiB", [max(processes.peak_resident(server.pid))])


def read_slowly(server: Server, seconds: float) -> None:
    """So many clients of a large object, each of which takes 64 KiB every half second."""
    request = requests.presigned(server, f"/{BUCKET}/large")
    address, _, port = server.host.rpartition(":")
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection((address, int(port)))) for _ in range(READERS)]
        for one in clients:
            one.sendall(request)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with selectors.DefaultSelector() as selector:
                for one in clients:
                    selector.register(one, selectors.EVENT_READ)
                for ready, _ in selector.select(0.5):
                    if not ready.fileobj.recv(64 * 1024):  # type: ignore[union-attr]
                        raise RuntimeError("a slow reader was cut off")
            time.sleep(0.5)


def _upload(server: Server, setting: Setting) -> None:
    piece = curl.sparse(setting.directory / "piece", 256 * MIB)
    urls = [requests.url(server, f"/{BUCKET}/up{number}", "PUT") for number in range(WRITERS)]
    limit = "600" if setting.long else "10"
    words = ["curl", "-sS", "-o", "/dev/null", "--max-time", limit, "-T", str(piece)]
    running = [subprocess.Popen([*words, url], stderr=subprocess.DEVNULL) for url in urls]  # noqa: S603
    for process in running:
        process.wait()
