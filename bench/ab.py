"""Driving ab for HEAD: wrk waits for the body that an answer to HEAD does not have."""

from __future__ import annotations

import re

from bench.load import Load, run
from bench.servers import Server

_COMPLETE = re.compile(r"Complete requests:\s+(\d+)")
_TAKEN = re.compile(r"Time taken for tests:\s+([0-9.]+)")
_FAILED = re.compile(r"Failed requests:\s+([1-9]\d*)|Non-2xx responses:\s+(\d+)")
_PERCENT = re.compile(r"^\s+(50|99)%\s+(\d+)", re.MULTILINE)


def drive(server: Server, target: str, *, connections: int, seconds: float) -> Load:
    """HEAD requests for one path and query, as fast as they are answered. Raises RuntimeError if any failed."""
    limit = max(1, round(seconds))  # ab takes whole seconds
    command = ["ab", "-q", "-i", "-k", "-r", f"-c{connections}", f"-t{limit}", "-n9999999", server.url + target]
    ran = run(command, server)
    complete, taken = _COMPLETE.search(ran.printed), _TAKEN.search(ran.printed)
    if complete is None or taken is None or _FAILED.search(ran.printed):
        raise RuntimeError(f"HEAD {server.url}{target[:80]}: {ran.printed}")
    count = int(complete[1])
    milliseconds = {percent: int(value) for percent, value in _PERCENT.findall(ran.printed)}
    return Load(
        count / float(taken[1]),
        0.0,
        milliseconds["50"] / 1e3,
        milliseconds["99"] / 1e3,
        ran.server / count,
        ran.generator / count,
    )
