"""How soon the program answers."""

from __future__ import annotations

import compileall
import os
import subprocess
import time
from collections.abc import Iterator

import colonnade
from bench import servers
from bench.figure import Figure
from bench.setting import Setting, client


def starts(setting: Setting) -> Iterator[Figure]:
    """From the command to its first answer, and to its version. Compiled, as an installed program is."""
    compileall.compile_dir(os.path.dirname(colonnade.__file__), quiet=1)
    command = servers.directory(setting.fresh(), setting.workers)
    yield Figure("start to first answer", [_first_answer(command) for _ in range(setting.rounds)])
    yield Figure("--version", [_version() for _ in range(setting.rounds)])


def _first_answer(command: list[str]) -> float:
    began = time.perf_counter()
    with servers.running(command) as server:
        s3 = client(server)
        ready = time.perf_counter()  # boto3's own start is not the server's, which goes on meanwhile
        s3.list_buckets()
        return time.perf_counter() - ready + (ready - began)


def _version() -> float:
    began = time.perf_counter()
    subprocess.run([servers.colonnade(), "--version"], check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - began
