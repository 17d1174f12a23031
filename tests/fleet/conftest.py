"""Two gateways with two workers each over one directory, and a way to let many requests go at the same moment."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.cli.command import serving
from tests.fleet.many import Fleet

KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": "rootsecret"}

_count = itertools.count()


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """The gateways; older versions have their directory too."""
    top = tmp_path_factory.mktemp("fleet")
    (top / "data").mkdir()
    (top / "older").mkdir()
    words: list[Any] = ["--workers", "2", "posix", "--no-fsync", "--versioning-dir", top / "older", top / "data"]
    with ExitStack() as stack:
        servers = [stack.enter_context(serving(*words, env=KEYS)) for _ in range(2)]
        yield Fleet([server.client(request_checksum_calculation="when_required") for server in servers], top / "data")


@pytest.fixture
def bucket(fleet: Fleet) -> str:
    """An empty bucket of the test's own."""
    name = f"fleet-{next(_count)}"
    fleet.client.create_bucket(Bucket=name)
    return name


@pytest.fixture
def kept(fleet: Fleet, bucket: str) -> str:
    """The same, keeping versions."""
    fleet.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket
