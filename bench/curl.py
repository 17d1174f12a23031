"""Large bodies, moved by curl."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

MIB = 1024 * 1024
GIB = 1024 * MIB


def download(url: str) -> None:
    """One GET. Raises RuntimeError unless it is answered with 200."""
    _curl(url)


def upload(url: str, file: Path) -> None:
    """One PUT. Raises RuntimeError unless it is answered with 200."""
    _curl("-T", str(file), url)


def at_once(transfers: Sequence[Callable[[], object]]) -> float:
    """Seconds until all are done, begun at once."""
    began = time.perf_counter()
    with ThreadPoolExecutor(len(transfers)) as pool:
        list(pool.map(lambda transfer: transfer(), transfers))
    return time.perf_counter() - began


def sparse(path: Path, size: int) -> Path:
    """A file of a size; what is in it doesn't matter to a hash's speed."""
    with path.open("wb") as opened:
        opened.truncate(size)
    return path


def _curl(*words: str) -> None:
    command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *words]
    status = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    if status != "200":
        raise RuntimeError(f"{words[-1][:80]}: {status}")
