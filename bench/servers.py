"""The servers under load: the product as its command line starts it, and the yardstick, on free loopback ports."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ACCESS, SECRET = "benchmark", "secret-of-the-benchmark"

_SAYS_WHERE = "export AWS_ENDPOINT_URL="


@dataclass(frozen=True)
class Server:
    """A server that runs: its URL, and the process whose children are the workers (0: not ours to look at).

    `behind` is what works for each request too; `keys` are those of an account that may make buckets.
    """

    url: str
    pid: int
    behind: Server | None = None
    keys: tuple[str, str] = (ACCESS, SECRET)

    @property
    def host(self) -> str:
        """Address and port, as the Host header has them."""
        return self.url.removeprefix("http://")


@contextmanager
def running(command: Sequence[str]) -> Iterator[Server]:
    """A server that prints its URL as ``--print-env`` does, stopped at the end. Raises RuntimeError if it does not."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (ours)
        assert process.stdout is not None
        try:
            line = process.stdout.readline().strip()
            if not line.startswith(_SAYS_WHERE):
                raise RuntimeError(f"{' '.join(command)}: no server")
            yield Server(line.removeprefix(_SAYS_WHERE), process.pid)
        finally:
            process.terminate()


def hello(workers: int, file: Path | None = None) -> list[str]:
    """The command of the yardstick; with a file it streams that."""
    return [sys.executable, "-m", "bench.hello", str(workers), *([str(file)] if file else [])]


def directory(path: Path, workers: int, *flags: str, options: Sequence[str] = ()) -> list[str]:
    """The command that serves a directory; `flags` are those of `posix`, `options` global ones."""
    path.mkdir(exist_ok=True)
    return [*_colonnade(workers), *options, "posix", *flags, str(path)]


def service(upstream: str, workers: int) -> list[str]:
    """The command that serves another S3 service, one of these."""
    keys = ["--access", ACCESS, "--secret", SECRET]
    return [*_colonnade(workers), "s3", *keys, "--endpoint", upstream, "--use-path-style"]


def layers(paths: Sequence[Path], config: Path, workers: int) -> list[str]:
    """The command that serves directories as one, the first uppermost; its configuration is written to `config`."""
    entries = [
        f'[[backends]]\nname = "layer{place}"\ntype = "posix"\npath = "{path}"\nfsync = false\n'
        + ('role = "fallback"\n' if place else "")
        for place, path in enumerate(paths)
    ]
    config.write_text("\n".join(entries))
    return [*_colonnade(workers), "serve", "--config", str(config)]


def colonnade() -> str:
    """The installed program."""
    return os.path.join(os.path.dirname(sys.executable), "colonnade")


def _colonnade(workers: int) -> list[str]:
    keys = ["--access", ACCESS, "--secret", SECRET, "--workers", str(workers)]
    return [colonnade(), "--quiet", "--print-env", "--port", "127.0.0.1:0", "--stop-timeout", "1", *keys]
