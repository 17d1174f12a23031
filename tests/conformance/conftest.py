"""One server for each target, a bucket for each test, and clients that never try twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

import colonnade.testing
from colonnade.testing import Endpoint, RunningServer, suite
from tests.conformance.foreign import DECLARED, left_out
from tests.conformance.raw import Raw
from tests.conformance.targets import TARGETS

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_count = itertools.count()


def pytest_configure(config: pytest.Config) -> None:
    """Say what our marker means."""
    config.addinivalue_line("markers", "needs(name): skipped, with its reason, where the backend's gaps have `name`")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run over every target, or over the one endpoint that `colonnade test` names."""
    if "target" in metafunc.fixturenames:
        names = [name for name in TARGETS if metafunc.module.__name__.rpartition(".")[2] not in left_out(name)]
        if metafunc.config.pluginmanager.has_plugin(suite.NAME):
            names = ["endpoint"]
        metafunc.parametrize("target", names, indirect=True, scope="session")


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A server over one of the targets, or an endpoint elsewhere."""
    elsewhere: Endpoint | None = request.config.pluginmanager.get_plugin(suite.NAME)
    if elsewhere is not None:
        yield elsewhere
        return
    name: str = request.param
    directory: Path = tmp_path_factory.mktemp(name)
    with colonnade.testing.server(TARGETS[name](directory)) as server:
        yield server


@pytest.fixture(autouse=True)
def _gaps(request: pytest.FixtureRequest) -> None:
    """Skip, loudly, what a backend declares that it can't."""
    marks = list(request.node.iter_markers("needs"))
    if marks:
        served = request.getfixturevalue("target")
        gaps = served.gateway.backend.gaps if isinstance(served, RunningServer) else {}
        for mark in marks:
            if mark.args[0] in gaps:
                pytest.skip(f"{mark.args[0]}: {gaps[mark.args[0]]}")
    name = getattr(request.node, "callspec", None) and request.node.callspec.params.get("target")
    if name in DECLARED:
        test = request.node.name.replace(f"[{name}]", "").replace(f"[{name}-", "[")
        if reason := DECLARED[name].reason(test):
            pytest.skip(f"{name}: {reason}")


@pytest.fixture(scope="session")
def client(target: Endpoint) -> S3Client:
    """boto3, without retries, so that it hides nothing."""
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4")
    made: S3Client = boto3.client("s3", **target.boto3, config=config)
    return made


@pytest.fixture(scope="session")
def named(pytestconfig: pytest.Config) -> Callable[[], str]:
    """Makes names that no bucket has yet."""
    return lambda: f"{pytestconfig.stash.get(suite.PREFIX, 'conformance')}-{next(_count)}"


@pytest.fixture
def new_bucket(named: Callable[[], str]) -> str:
    """A name no bucket has yet."""
    return named()


@pytest.fixture
def bucket(client: S3Client, new_bucket: str) -> str:
    """An empty bucket of the test's own."""
    client.create_bucket(Bucket=new_bucket)
    return new_bucket


@pytest.fixture
def raw(target: Endpoint) -> Raw:
    """HTTP without an SDK, signed."""
    return Raw(target)
