"""How late the latest answers are: at half of the highest rate, and beside clients that stream."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench import curl, requests
from bench.figure import Figure
from bench.setting import BUCKET, Setting, small_gets


def latencies(setting: Setting) -> Iterator[Figure]:
    """Each connection waits a random while before each request, so that they come at half of the highest rate."""
    gets = small_gets(setting.gateway)
    ratios = []
    for _ in range(setting.rounds):
        highest = setting.load(setting.gateway, gets).rate
        half = setting.load(setting.gateway, gets, rate=highest / 2)
        ratios.append(half.p99 / half.p50)
    yield Figure("p99 at half of the highest rate", ratios)
    with _streaming(setting):
        beside = [setting.load(setting.gateway, gets, rate=highest / 2).p99 for _ in range(setting.rounds)]
    yield Figure("p99 of small GETs beside streams", beside)


@contextmanager
def _streaming(setting: Setting) -> Iterator[None]:
    """One client that gets 1 GiB, and one that puts 1 GiB, again and again."""
    server, stop = setting.gateway, threading.Event()
    file = curl.sparse(setting.fresh(), curl.GIB)
    down, up = (requests.url(server, f"/{BUCKET}/{key}", method) for key, method in (("up", "GET"), ("up2", "PUT")))
    curl.upload(requests.url(server, f"/{BUCKET}/up", "PUT"), file)

    def again(transfer: object, *arguments: object) -> None:
        while not stop.is_set():
            transfer(*arguments)  # type: ignore[operator]

    threads = [
        threading.Thread(target=again, args=(curl.download, down)),
        threading.Thread(target=again, args=(curl.upload, up, file)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
