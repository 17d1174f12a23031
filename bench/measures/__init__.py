"""The measures, in the order of the table; each yields its figures as they are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bench.figure import Figure
from bench.measures import access, idle, large, latency, layers, memory, peer, small, starting, walking, writes
from bench.setting import Setting

Measure = Callable[[Setting], Iterator[Figure]]

MEASURES: Mapping[str, Measure] = {
    "reads": small.reads,
    "writes": writes.writes,
    "durable": writes.durable,
    "deletes": writes.deletes,
    "listings": small.listings,
    "walks": walking.walks,
    "proxied": small.proxied,
    "downloads": large.downloads,
    "uploads": large.uploads,
    "checksum-uploads": large.checksum_uploads,
    "memory": memory.memory,
    "starts": starting.starts,
    "latencies": latency.latencies,
    "idle": idle.idle,
    "layers": layers.layers,
    "access": access.access,
    "peer": peer.peer,
}
