"""What the worker processes of a server used: time on a processor, and memory. All from /proc."""

from __future__ import annotations

from pathlib import Path


def workers_of(parent: int) -> list[int]:
    """The processes that a server has forked."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children]


def cpu_seconds(parent: int) -> float:
    """Seconds that all threads of all workers were on a processor, to the nanosecond (`stat` counts in ticks)."""
    tasks = (task for pid in workers_of(parent) for task in Path(f"/proc/{pid}/task").iterdir())
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident(parent: int) -> list[float]:
    """MiB that each worker has in memory, pages shared with others included."""
    return [_status(pid, "VmRSS:") for pid in workers_of(parent)]


def peak_resident(parent: int) -> list[float]:
    """MiB that each worker had in memory at the most since it began."""
    return [_status(pid, "VmHWM:") for pid in workers_of(parent)]


def _status(pid: int, field: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} is gone")
