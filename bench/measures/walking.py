"""Walking one flat directory, a thousand keys a page: what a key costs the server, and whether that grows."""

from __future__ import annotations

import html
import http.client
import re
from collections.abc import Iterator

from bench import objects, processes, requests, servers
from bench.figure import Figure
from bench.servers import Server
from bench.setting import BUCKET, KEYS, Setting, fill

_TOKEN = re.compile(rb"<NextContinuationToken>([^<]+)</NextContinuationToken>")


def walks(setting: Setting) -> Iterator[Figure]:
    """Keys for each second of the workers' processor time, of a server that has not seen the directory, and again."""
    first, again, _ = _walked(setting, 100_000, setting.rounds)
    yield Figure("walk of 100,000 keys", first)
    yield Figure("the same again", again)
    if setting.long:
        million, _, memory = _walked(setting, 1_000_000, 1)
        yield Figure("walk of 1,000,000 keys", [million[0] / Figure("", first).value])
        yield Figure("memory of that walk", [memory])


def _walked(setting: Setting, count: int, rounds: int) -> tuple[list[float], list[float], float]:
    """Rates of first and second walks, and the most memory of a worker in MiB."""
    top = setting.fresh()
    first, again, memory = [], [], 0.0
    for number in range(rounds):
        with servers.running(servers.directory(top, setting.workers, "--no-fsync")) as server:
            if not number:
                fill(server)
                objects.clone(top / BUCKET / KEYS[0], (top / BUCKET / f"w{name:07}" for name in range(count)))
            # One connection stays with one worker, and each worker remembers for itself.
            connection = http.client.HTTPConnection(server.host)
            first.append(walk(server, connection, count))
            again.append(walk(server, connection, count))
            memory = max([memory, *processes.peak_resident(server.pid)])
    return first, again, memory


def walk(server: Server, connection: http.client.HTTPConnection, least: int) -> float:
    """Keys a second of processor time. Raises RuntimeError if there were fewer than `least`."""
    began, keys, token = processes.cpu_seconds(server.pid), 0, ""
    while True:
        query = [("list-type", "2"), *([("continuation-token", token)] if token else [])]
        connection.request("GET", requests.presigned_target(server, f"/{BUCKET}", query=query))
        page = connection.getresponse().read()
        keys += page.count(b"<Key>")
        more = _TOKEN.search(page)
        if more is None:
            break
        token = html.unescape(more[1].decode())
    if keys < least:
        raise RuntimeError(f"a walk told {keys} of {least} keys: {page[:300]!r}")
    return keys / (processes.cpu_seconds(server.pid) - began)
