"""Who works on the queue: a name that tells whether the process it belongs to still lives."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def name() -> str:
    """A new one for this process, which may have several."""
    return f"{_process(os.getpid())}/{secrets.token_hex(4)}"


def alive(owner: str) -> bool:
    """Whether the process still runs that an owner was named in."""
    pid = owner.partition("/")[0]
    return pid.isdigit() and Path(f"/proc/{pid}").exists() and owner.rpartition("/")[0] == _process(int(pid))


def _process(pid: int) -> str:
    """Names a process for as long as this machine runs: a pid alone is given to others later."""
    try:
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        started = "?"
    return f"{pid}/{started}/{_boot()}"


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "?"
