"""What the suite runs against: a row here is a whole run of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.multi import Member, Overlay, Role


def memory(_: Path) -> Backend:
    """Everything in memory."""
    return load("memory", {})


def posix(directory: Path) -> Backend:
    """A plain directory."""
    return load("posix", {"path": str(directory), "fsync": False})


def several(_: Path) -> Backend:
    """Two backends as one."""
    return Overlay([Member("primary", load("memory", {}), Role.PRIMARY), Member("archive", load("memory", {}))])


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


TARGETS: dict[str, Callable[[Path], Backend]] = {
    "memory": memory,
    "posix": posix,
    "several": several,
    "folders": folders,
}
