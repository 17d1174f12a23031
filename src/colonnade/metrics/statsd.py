"""Counters over UDP, as StatsD (with InfluxDB's tags) and DogStatsD take them.

Each worker adds up what happens and sends the sums every second: a datagram for each request would cost more than some
requests do. UDP is sent and forgotten: no request waits for whoever counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from colonnade import tasks
from colonnade.metrics.counting import Tags, counters, tags

if TYPE_CHECKING:
    from colonnade.exchange import Exchange

#: Bytes of a datagram that every network carries whole.
DATAGRAM = 1400
#: Seconds between two sendings, and how many sums are kept at most until the next.
PERIOD, MOST = 1.0, 10_000

PREFIX = "versitygw."

#: A counter's name, its tags and its sum -> a line of a datagram.
Style: TypeAlias = Callable[[str, Tags, int], str]


def influx(name: str, found: Tags, count: int) -> str:
    """``versitygw.success_count,service=host,method=GET:1|c``."""
    return f"{PREFIX}{name},{','.join(f'{tag}={value}' for tag, value in found)}:{count}|c"


def dog(name: str, found: Tags, count: int) -> str:
    """``versitygw.success_count:1|c|#service:host,method:GET``."""
    return f"{PREFIX}{name}:{count}|c|#{','.join(f'{tag}:{value}' for tag, value in found)}"


class Counters:
    """Counts S3's requests for some servers, each an address and the style it wants."""

    def __init__(self, service: str, servers: Sequence[tuple[Any, Style]]) -> None:
        self.service: Tags = (("service", service),)
        self.servers = servers
        self.sums: dict[tuple[str, Tags], int] = defaultdict(int)
        self._sending: asyncio.Task[None] | None = None

    async def record(self, exchange: Exchange, scope: Any, began: float) -> None:
        """See `colonnade.logs.Log`."""
        if self._sending is None:
            self._sending = asyncio.create_task(tasks.every(lambda: PERIOD, "sending counters", self._send_once))
        found = self.service + tags(exchange, scope["method"])
        for name, count in counters(exchange):
            self.sums[name, found] += count
        if len(self.sums) >= MOST:
            self.send()

    async def close(self) -> None:
        """Send what there is."""
        await tasks.end(self._sending)
        self.send()

    def send(self) -> None:
        """Send the sums, and begin anew."""
        sums, self.sums = self.sums, defaultdict(int)
        for (family, address), style in self.servers:
            with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as udp:
                for data in datagrams(style(name, found, count) for (name, found), count in sums.items()):
                    with contextlib.suppress(OSError):  # nobody there, or too much at once
                        udp.sendto(data, address)

    async def _send_once(self) -> None:
        self.send()


def datagrams(lines: Iterator[str]) -> Iterator[bytes]:
    """Lines put together into datagrams that are no longer than they may be."""
    gathered: list[bytes] = []
    size = 0
    for line in lines:
        data = line.encode()
        if gathered and size + len(data) + 1 > DATAGRAM:
            yield b"\n".join(gathered)
            gathered, size = [], 0
        gathered.append(data)
        size += len(data) + 1
    if gathered:
        yield b"\n".join(gathered)
