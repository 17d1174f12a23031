"""A live server over a directory, and the programs people use with S3. Retries are off: they hide mistakes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import colonnade.testing
from colonnade.backends import load
from colonnade.testing import RunningServer

ROOT = Path(__file__).parent.parent.parent

#: Names that clients, shells and URLs get wrong.
ODD_NAMES = (
    "plain.txt",
    "with space.txt",
    "plus+plus.txt",
    "per%20cent.txt",
    "100%.txt",
    "ünï-cödé/日本.txt",
    "deep/er/est/file",
    "brackets[1](2){3}.txt",
    "quote's & ampersand;semi=eq@at,comma.txt",
    ".hidden",
    "tilde~and!bang$dollar",
)


@dataclass(frozen=True)
class Shell:
    """Runs client programs against the server."""

    server: RunningServer
    home: Path

    def run(self, program: str, *arguments: str, **variables: str) -> str:
        """Run one to its end; what it printed. Fails with all it said if its status is not 0."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "AWS_ACCESS_KEY_ID": self.server.access,
            "AWS_SECRET_ACCESS_KEY": self.server.secret,
            "AWS_REGION": self.server.region,
            "AWS_DEFAULT_REGION": self.server.region,
            "AWS_ENDPOINT_URL": self.server.url,
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
            **variables,
        }
        done = subprocess.run(
            [find(program), *arguments], env=environment, capture_output=True, text=True, timeout=200, check=False
        )
        assert done.returncode == 0, f"{program} {arguments}: {done.stdout}{done.stderr}"
        return done.stdout


def find(program: str) -> str:
    """Where a program is; the test fails, saying what to install, if it is nowhere."""
    own = ROOT / ".tools" / program / "bin" / program
    path = str(own) if own.exists() else shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is missing: `make clients` installs it (system packages need root)")
    return path


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A server over an empty directory, and a home for the clients' own files."""
    home = tmp_path_factory.mktemp("home")
    # Version 1 of the AWS command line presigns with SigV2 unless told otherwise.
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("[default]\ns3 =\n  signature_version = s3v4\n")
    backend = load("posix", {"path": str(tmp_path_factory.mktemp("served")), "fsync": False})
    with colonnade.testing.server(backend) as server:
        yield Shell(server, home)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A directory of files with odd names, each with its own content."""
    top = tmp_path / "tree"
    for name in ODD_NAMES:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(f"content of {name}\n")
        os.utime(top / name, (1_700_000_000, 1_700_000_000))  # older than any upload of it, to the second
    return top


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of 100 MiB that does not compress."""
    path = tmp_path_factory.mktemp("large") / "large.bin"
    block = os.urandom(1024 * 1024)
    with path.open("wb") as file:
        for number in range(100):
            file.write(number.to_bytes(8, "big") + block[8:])
    return path


def contents(top: Path) -> dict[str, bytes]:
    """Every file below a directory, by its relative name."""
    return {str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def same_files(first: Path, second: Path) -> bool:
    """Whether two large files are the same, byte by byte."""
    compared: Sequence[str] = ("cmp", "--silent", str(first), str(second))
    return subprocess.run(compared, check=False).returncode == 0
