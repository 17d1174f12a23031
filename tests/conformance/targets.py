"""What the suite runs against: a row here is a whole run of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.backends.s3 import S3Backend
from colonnade.backends.s3.settings import Settings
from colonnade.multi import Member, Overlay, Role
from colonnade.testing import server
from tests.conformance.foreign import Moto


def memory(_: Path) -> Backend:
    """Everything in memory."""
    return load("memory", {})


def posix(directory: Path) -> Backend:
    """A plain directory."""
    return load("posix", {"path": str(directory), "fsync": False})


def versions(directory: Path) -> Backend:
    """A plain directory with another for older versions."""
    for name in ("data", "older"):
        (directory / name).mkdir()
    return load("posix", {"path": str(directory / "data"), "fsync": False, "versioning_dir": str(directory / "older")})


def sidecar(directory: Path) -> Backend:
    """A plain directory with two others: for attributes, and for older versions."""
    for name in ("data", "older", "attributes"):
        (directory / name).mkdir()
    options = {"versioning_dir": str(directory / "older"), "sidecar": str(directory / "attributes")}
    return load("posix", {"path": str(directory / "data"), "fsync": False, **options})


def nometa(directory: Path) -> Backend:
    """A plain directory, and nothing kept beside the bodies."""
    return load("posix", {"path": str(directory), "fsync": False, "nometa": True})


def threads(directory: Path) -> Backend:
    """A plain directory served in threads, as network filesystems are."""
    return load("posix", {"path": str(directory), "fsync": False, "threads": "always"})


def several(_: Path) -> Backend:
    """Two backends as one."""
    return Overlay([Member("primary", load("memory", {}), Role.PRIMARY), Member("archive", load("memory", {}))])


def every(directory: Path) -> Backend:
    """Two backends that both have every write before it is answered, over a third that is only deleted from."""
    return _replicated(directory, write="all", delete="all")


def queued(directory: Path) -> Backend:
    """Two backends of which the second follows the first."""
    return _replicated(directory, write="async")


def _replicated(directory: Path, **policy: Any) -> Backend:
    members = [
        Member("primary", load("memory", {}), Role.PRIMARY),
        Member("replica", load("memory", {}), Role.REPLICA),
        Member("archive", load("memory", {})),
    ]
    return Overlay(members, queue=directory / "queue.db", **policy)


def folders(directory: Path) -> Backend:
    """Two directories as one, as `make run` serves them."""
    (directory / "primary").mkdir()
    (directory / "archive").mkdir()
    return Overlay(
        [
            Member("primary", posix(directory / "primary"), Role.PRIMARY),
            Member("archive", posix(directory / "archive")),
        ]
    )


class Remote(S3Backend):
    """The s3 backend in front of a second server, which lives as long as it does."""

    def __init__(self) -> None:
        self._upstream = contextlib.ExitStack()
        there = self._upstream.enter_context(server())
        super().__init__(Settings(endpoint=there.url, access=there.access, secret=there.secret))

    async def close(self) -> None:
        """Close the connections, then stop the server behind."""
        await super().close()
        await asyncio.to_thread(self._upstream.close)


def remote(_: Path) -> Backend:
    """Another S3 service over HTTP."""
    return Remote()


TARGETS: dict[str, Callable[[Path], Backend]] = {
    "memory": memory,
    "posix": posix,
    "versions": versions,
    "sidecar": sidecar,
    "nometa": nometa,
    "threads": threads,
    "several": several,
    "folders": folders,
    "every": every,
    "queued": queued,
    "s3": remote,
    "moto": Moto,
}
