"""The real command as a subprocess, in an environment of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import boto3
import botocore.config

from colonnade.testing import Endpoint

COMMAND = Path(sys.executable).with_name("colonnade")
#: Seconds in which a command has begun or ended, however busy the machine is.
LIMIT = 60.0
PREFIXES = ("VGW_", "ROOT_", "AWS_", "COLONNADE_", "LOGFILE", "WEBHOOK")


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This environment without what would configure a gateway or a client, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIXES)}
    return {**kept, **(more or {})}


def colonnade(
    *words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a command that ends by itself, `given` on its standard input."""
    return subprocess.run(
        [COMMAND, *words],
        env=environment(env),
        cwd=cwd,
        input=given,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


@dataclass
class Serving:
    """A running server: what it printed for a shell, and its process."""

    process: subprocess.Popen[str]
    env: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.env["AWS_ENDPOINT_URL"]

    def endpoint(self) -> Endpoint:
        """Where it is, with root's keys."""
        return Endpoint(
            self.url, self.env["AWS_ACCESS_KEY_ID"], self.env["AWS_SECRET_ACCESS_KEY"], self.env["AWS_REGION"]
        )

    def client(self, **config: Any) -> Any:
        """A boto3 client without retries, which would hide mistakes."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
            region_name=self.env["AWS_REGION"],
            config=botocore.config.Config(retries={"total_max_attempts": 1}, **config),
        )

    def stop(self, number: int = signal.SIGTERM) -> str:
        """Stop it; returns what it wrote to stderr."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=LIMIT)[1]

    def says(self, text: str) -> None:
        """Wait until it writes a line with this to stderr; one that doesn't is ended."""
        assert self.process.stderr is not None
        clock = threading.Timer(LIMIT, self.process.kill)
        clock.start()
        try:
            assert any(text in line for line in self.process.stderr), f"it never said {text}"
        finally:
            clock.cancel()


@contextmanager
def serving(
    *words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, program: Sequence[Any] = ()
) -> Iterator[Serving]:
    """Run a server on a free port until the block ends, once it has printed what a client needs."""
    command = program or [COMMAND, "--print-env", "--port", "127.0.0.1:0", "--workers", "1"]
    process = subprocess.Popen(
        [*command, *words], env=environment(env), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield Serving(process, read_exports(process.stdout, process))
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=LIMIT)


def read_exports(stream: IO[str], process: subprocess.Popen[str], seconds: float = LIMIT) -> dict[str, str]:
    """The four export lines, as names and values; a server that doesn't print them in time is ended."""
    found: dict[str, str] = {}
    clock = threading.Timer(seconds, process.kill)
    clock.start()
    try:
        while "AWS_REGION" not in found:
            line = stream.readline()
            if not line:
                raise AssertionError(f"no export lines; stderr: {process.communicate()[1]}")
            name, _, value = line.removeprefix("export ").strip().partition("=")
            found[name] = value
    finally:
        clock.cancel()
    return found
