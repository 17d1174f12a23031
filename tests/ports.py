"""Ports for those who must know theirs before they listen."""

from __future__ import annotations

import contextlib
import random
import socket
from pathlib import Path

_random = random.SystemRandom()


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on; below those that the kernel gives to whoever asks for any.

    So nobody gets it by chance before it is used, nor while who listens there is away.
    """
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = _random.randrange(10_000, max(lowest, 11_000))
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
