"""Small writes and deletes. Each request names a key of its own; writing over keys is told beside.

An overwrite frees a file, and ext4 looks at every file freed in the last seconds before it makes a new one: where a
hundred keys are written over again and again, that is most of what is measured.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

from bench import figure, objects, requests, servers, wrk
from bench.figure import Figure
from bench.load import Load
from bench.servers import Server
from bench.setting import BUCKET, KEYS, Setting, client, puts

#: Requests for each second of measuring to begin with; more are made if that was too few.
_A_SECOND = 8000


def writes(setting: Setting) -> Iterator[Figure]:
    """PUT of new keys, and over a hundred keys in turn."""
    server, numbers = setting.gateway, count()
    pairs = [(setting.say_hello(), new_keys(setting, server, numbers)) for _ in range(setting.rounds)]
    yield figure.share("PUT 4 KiB", pairs)
    yield setting.beside_hello("PUT 4 KiB over another", server, puts(server, "put/"))


def durable(setting: Setting) -> Iterator[Figure]:
    """PUT with fsync against create, write, fsync and rename in as many threads as there are connections."""
    server = setting.start(servers.directory(setting.fresh(), setting.workers))
    client(server).create_bucket(Bucket=BUCKET)
    raw, numbers = setting.fresh(), count()
    raw.mkdir()
    values, costs = [], []
    for _ in range(setting.rounds):
        bare = raw_rate(raw, setting.connections, setting.seconds)
        load = new_keys(setting, server, numbers)
        values.append(load.rate / bare)
        costs.append(load.server)
    yield Figure("PUT 4 KiB with fsync", values, server=min(costs))


def deletes(setting: Setting) -> Iterator[Figure]:
    """DELETE of objects that are there, all made before the first is removed."""
    server, top, numbers = setting.gateway, setting.served / BUCKET, count()
    names = [f"gone{next(numbers):06}" for _ in range(setting.rounds * setting.seconds * _A_SECOND)]
    objects.clone(top / KEYS[0], (top / name for name in names))
    left = iter(names)

    def load() -> Load:
        taken = [next(left) for _ in range(setting.seconds * _A_SECOND)]
        wanted = [requests.presigned(server, f"/{BUCKET}/{name}", "DELETE") for name in taken]
        return setting.load(server, wanted, once=True)

    yield figure.share("DELETE 4 KiB", [(setting.say_hello(), load()) for _ in range(setting.rounds)])


def new_keys(setting: Setting, server: Server, numbers: Iterator[int]) -> Load:
    """Load of PUTs of keys that no number before has named."""
    put = partial(requests.presigned, server, method="PUT")
    wanted = setting.seconds * _A_SECOND
    while True:
        taken = [next(numbers) for _ in range(wanted)]
        made = [put(f"/{BUCKET}/new/{number:07}", body=objects.body(number)) for number in taken]
        try:
            return setting.load(server, made, once=True)
        except wrk.ExhaustedError:
            wanted *= 2


def raw_rate(directory: Path, threads: int, seconds: int) -> float:
    """Files a second that are made durable by so many threads at once."""
    began = time.perf_counter()
    until = began + seconds

    def loop(number: int) -> int:
        done, temporary, content = 0, directory / f"tmp{number}", objects.body(number)
        while time.perf_counter() < until:
            opened = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            os.write(opened, content)
            os.fsync(opened)
            os.close(opened)
            os.rename(temporary, directory / f"{began}-{number}-{done}")
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(loop, range(threads))) / seconds
