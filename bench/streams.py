"""Large bodies: how fast one flows down and up, and what many at once cost a worker in memory."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MIB = 1024 * 1024
GIB = 1024 * MIB


def download(url: str) -> float:
    """Bytes a second of one GET."""
    return _curl("-o", "/dev/null", "-w", "%{http_code} %{speed_download}", url)


def upload(url: str, file: Path) -> float:
    """Bytes a second of one PUT."""
    return _curl("-o", "/dev/null", "-T", str(file), "-w", "%{http_code} %{speed_upload}", url)


def md5_rate(size: int = 256 * MIB) -> float:
    """Bytes a second that one core hashes."""
    piece = os.urandom(MIB)
    hasher = hashlib.md5(usedforsecurity=False)
    began = time.perf_counter()
    for _ in range(size // MIB):
        hasher.update(piece)
    return size / (time.perf_counter() - began)


def peak_memory(urls: Sequence[str], file: Path, workers: Sequence[int]) -> float:
    """The most that any of the worker processes ever had in memory, in MiB, with all the uploads at once."""
    with ThreadPoolExecutor(len(urls)) as pool:
        list(pool.map(lambda url: upload(url, file), urls))
    return max(_peak(pid) for pid in workers)


def sparse(path: Path, size: int) -> Path:
    """A file of a size; what is in it doesn't matter to a hash's speed."""
    with path.open("wb") as opened:
        opened.truncate(size)
    return path


def workers_of(parent: int) -> list[int]:
    """The processes that a server has forked."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children]


def _peak(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} is gone")


def _curl(*words: str) -> float:
    done = subprocess.run(["curl", "-sS", *words], capture_output=True, text=True, check=True)  # noqa: S603, S607
    status, speed = done.stdout.split()
    if status != "200":
        raise RuntimeError(f"{words[-1][:80]}: {status}")
    return float(speed)
