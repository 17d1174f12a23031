"""What a load generator tells, whichever it was."""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from bench import processes
from bench.servers import Server


@dataclass(frozen=True)
class Load:
    """Requests and bytes a second; seconds of latency; seconds of processor time a request, here and there."""

    rate: float
    bytes: float
    p50: float
    p99: float
    server: float
    generator: float

    @property
    def cpu(self) -> float:
        """Seconds of processor time that a request costs in all: what bounds the rate once no core is idle."""
        return self.server + self.generator


@dataclass(frozen=True)
class Ran:
    """A load generator's run: what it printed, seconds of processor time of the server and of the generator."""

    printed: str
    server: float
    generator: float


def run(command: Sequence[str], server: Server) -> Ran:
    """Run a load generator against a server. Raises RuntimeError if it isn't installed or fails."""
    if shutil.which(command[0]) is None:
        raise RuntimeError(f"{command[0]} is missing: install wrk and apache2-utils from your system's packages")
    before, ran = used(server), children()
    done = subprocess.run(command, capture_output=True, text=True)  # noqa: S603 (a load generator, with our arguments)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr}")
    return Ran(done.stdout, used(server) - before, children() - ran)


def used(server: Server) -> float:
    """Seconds of processor time that the workers of a server, and of what is behind it, have used so far."""
    behind = used(server.behind) if server.behind else 0.0
    return (processes.cpu_seconds(server.pid) if server.pid else 0.0) + behind


def children() -> float:
    """Seconds of processor time of all load generators that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
