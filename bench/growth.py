"""``python -m bench.growth``: how rates grow with what there is, drawn for the documentation."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench import curl, objects, requests, servers
from bench.__main__ import arguments, setting
from bench.measures.layers import layered, page
from bench.setting import BUCKET, Setting, small_gets
from bench.svg import Chart, draw

PLOTS = Path("docs/guide/plots")
MIB = curl.MIB


def keys(setting: Setting) -> Chart:
    """Keys in a bucket, all in one directory: a GET, and a page of a hundred from the middle."""
    counts = {100: "100", 10_000: "10,000", **({1_000_000: "1,000,000"} if setting.long else {})}
    gets, pages = [], []
    hello = setting.say_hello().cpu
    for count in counts:
        top = setting.fresh()
        server = setting.start(servers.directory(top, setting.workers, "--no-fsync"))
        (top / BUCKET).mkdir()
        names = [f"w{number:07}" for number in range(count)]
        objects.clone(setting.pattern, (top / BUCKET / name for name in names))
        wanted = [requests.presigned(server, f"/{BUCKET}/{name}") for name in names[:: max(1, count // 10_000)]]
        gets.append((count, hello / setting.load(server, wanted).cpu))
        query = [("list-type", "2"), ("max-keys", "100"), ("start-after", names[count // 2 - 1])]
        listing = [requests.presigned(server, f"/{BUCKET}", query=query)]
        setting.load(server, listing, seconds=1)
        pages.append((count, hello / setting.load(server, listing).cpu))
    lines = {"GET 4 KiB": gets, "LIST up to 100": pages}
    return Chart("Keys in a bucket", "keys in one directory", "share of hello, by CPU", counts, lines)


def sizes(setting: Setting) -> Chart:
    """Object size: bytes a second, down by several clients and up by one."""
    ticks = {
        4096: "4 KiB",
        65536: "64 KiB",
        MIB: "1 MiB",
        16 * MIB: "16 MiB",
        128 * MIB: "128 MiB",
        1024 * MIB: "1 GiB",
    }
    server, down, up = setting.gateway, [], []
    for size in ticks:
        file = curl.sparse(setting.directory / "content", size)
        put = partial(curl.upload, requests.url(server, f"/{BUCKET}/sized", "PUT"), file)
        seconds = curl.at_once([put])
        if size <= MIB:  # a program started for each would be measured rather than the gateway
            wanted = [requests.presigned(server, f"/{BUCKET}/sized{n}", "PUT", body=b"x" * size) for n in range(8)]
            up.append((size, setting.load(server, wanted, connections=4).rate * size / MIB))
        else:
            up.append((size, size / MIB / seconds))
        get = [requests.presigned(server, f"/{BUCKET}/sized")]
        down.append((size, setting.load(server, get, connections=4).bytes / MIB))
    return Chart("Object size", "size of each object", "MiB a second", ticks, {"GET, 4 clients": down, "PUT": up})


def connections(setting: Setting) -> Chart:
    """Connections at once: requests a second, beside the yardstick."""
    counts = {1: "1", 4: "4", 16: "16", 64: "64", 256: "256", 2000: "2,000"}
    gets, hello = [], []
    for count in counts:
        hello.append((count, setting.say_hello(connections=count).rate))
        gets.append((count, setting.load(setting.gateway, small_gets(setting.gateway), connections=count).rate))
    lines = {"hello": hello, "GET 4 KiB": gets}
    return Chart("Connections", "connections at once", "requests a second", counts, lines)


def tiers(setting: Setting) -> Chart:
    """Layers: a hit in the first, a hit in the last, a merged page; as shares of one directory's rate, by CPU."""
    counts = {1: "1", 2: "2", 3: "3", 4: "4"}
    cost: dict[str, list[tuple[float, float]]] = {"hit in the first": [], "hit in the last": [], "page of 1,000": []}
    for count in counts:
        server = layered(setting, count)
        last = [n for n in range(1000) if n % count == count - 1][:100]
        wanted = {
            "hit in the first": small_gets(server),
            "hit in the last": [requests.presigned(server, f"/{BUCKET}/spread/k{n:04}") for n in last],
            "page of 1,000": [page(server, "spread/")],
        }
        for name, asked in wanted.items():
            setting.load(server, asked, connections=4, seconds=1)
            cost[name].append((count, setting.load(server, asked, connections=4).cpu))
    lines = {name: [(count, line[0][1] / value) for count, value in line] for name, line in cost.items()}
    return Chart("Layers", "directories as one endpoint", "share of one directory's rate", counts, lines)


CHARTS: dict[str, Callable[[Setting], Chart]] = {
    "keys": keys,
    "sizes": sizes,
    "connections": connections,
    "layers": tiers,
}


def main() -> int:
    """Measure, and draw into the documentation."""
    options = arguments().parse_args()
    PLOTS.mkdir(exist_ok=True)
    for name in options.measures or CHARTS:
        with ExitStack() as stack:
            (PLOTS / f"{name}.svg").write_text(draw(CHARTS[name](setting(options, stack))))
            print(PLOTS / f"{name}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
