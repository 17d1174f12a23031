"""What layers cost: a GET that the first one answers, and a page merged from three."""

from __future__ import annotations

from collections.abc import Iterator

from bench import objects, requests, servers
from bench.figure import Figure
from bench.servers import Server
from bench.setting import BUCKET, KEYS, Setting, small_gets


def layers(setting: Setting) -> Iterator[Figure]:
    """Beside one directory that has everything."""
    one, two, three = (layered(setting, count) for count in (1, 2, 3))
    hits = [(server, small_gets(server)) for server in (one, two)]
    yield setting.beside("GET 4 KiB, hit in the first of 2 layers", *hits)
    for what, prefix in (("from 3 layers", "spread/"), ("from 3 full layers", "full/")):
        pages = [(server, [page(server, prefix)]) for server in (one, three)]
        yield setting.beside(f"merged page of 1,000 {what}", *pages, connections=4)


def layered(setting: Setting, count: int) -> Server:
    """A server of so many layers.

    The hundred objects lie in the first, a thousand are spread over all, and each has a thousand more of its own.
    """
    paths = [setting.fresh() for _ in range(count)]
    for path in paths:
        (path / BUCKET / "spread").mkdir(parents=True)
        (path / BUCKET / "full").mkdir()
    pattern = setting.pattern
    objects.clone(pattern, (paths[0] / BUCKET / key for key in KEYS))
    objects.clone(pattern, (paths[n % count] / BUCKET / "spread" / f"k{n:04}" for n in range(1000)))
    for place, path in enumerate(paths):
        objects.clone(pattern, (path / BUCKET / "full" / f"k{n:04}-{place}" for n in range(1000)))
    return setting.start(servers.layers(paths, setting.fresh().with_suffix(".toml"), setting.workers))


def page(server: Server, prefix: str) -> bytes:
    """A listing of the thousand of a prefix."""
    return requests.presigned(server, f"/{BUCKET}", query=[("list-type", "2"), ("prefix", prefix)])
