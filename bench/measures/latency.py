"""How late the latest answers are: at half of the highest rate, and beside clients that stream."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from bench import curl, requests
from bench.figure import Figure
from bench.load import Load
from bench.setting import BUCKET, Setting, small_gets


def latencies(setting: Setting) -> Iterator[Figure]:
    """Each connection waits a random while before each request, so that they come at half of the highest rate.

    The same of the yardstick tells how much of it is the machine's: servers, clients and load generator wait for the
    same processors.
    """
    get = partial(setting.load, setting.gateway, small_gets(setting.gateway))
    ours, hellos = [], []
    for _ in range(setting.rounds):
        highest, late = _half(get)
        ours.append(late)
        hellos.append(_half(setting.say_hello)[1])
    yield Figure("p99 at half of the highest rate", ours)
    yield Figure("the same of hello", hellos)
    with _streaming(setting):
        pairs = [(get(rate=highest / 2).p99, setting.say_hello(rate=highest / 2).p99) for _ in range(setting.rounds)]
    yield Figure("p99 of small GETs beside streams", [late for late, _ in pairs])
    yield Figure("p99 of hello beside the same streams", [late for _, late in pairs])


def _half(load: Callable[..., Load]) -> tuple[float, float]:
    """The highest rate, and how many times p50 is p99 at half of it."""
    highest = load().rate
    half = load(rate=highest / 2)
    return highest, half.p99 / half.p50


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
