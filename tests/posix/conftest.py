"""A served directory for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from colonnade import ticks
from colonnade.backends.posix import PosixBackend, build, from_options
from colonnade.backends.posix.glance import Glance


@pytest.fixture(autouse=True, scope="session")
def learnt(tmp_path_factory: pytest.TempPathFactory) -> None:
    """By whose clock the files of tests are dated, also where nothing is started."""
    ticks.learn(str(tmp_path_factory.getbasetemp()))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The directory that is served."""
    path = tmp_path / "root"
    path.mkdir()
    return path


@pytest.fixture
async def backend(root: Path) -> AsyncIterator[PosixBackend]:
    """A started backend over `root` with one empty bucket, `bucket`."""
    made = from_options({"path": str(root), "fsync": False})
    await made.start()
    await made.call("CreateBucket", {"Bucket": "bucket"})
    yield made
    await made.close()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Glance:
    """The library as it is compiled now, whatever is installed."""
    library = tmp_path_factory.mktemp("library") / "libglance.so"
    if not build.compile_to(library):
        pytest.skip("no C compiler: listings run without the library")
    return Glance(str(library))
