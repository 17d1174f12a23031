"""The stores that are held to the model, each made anew over a directory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from colonnade.backend import Backend
from colonnade.backends import load

#: Makes a backend, over what the one before it left.
Make = Callable[[], Backend]


def posix(directory: Path, *beside: str) -> Make:
    """Makes a backend over the same directory again and again, with options that name directories beside it."""
    for name in ("data", *beside):
        (directory / name).mkdir()
    options = {"path": str(directory / "data"), "fsync": False}
    return lambda: load("posix", options | {name: str(directory / name) for name in beside})


def memory(_: Path) -> Make:
    """One backend, as what it has is gone with it."""
    only = load("memory", {})
    return lambda: only


STORES: dict[str, Callable[[Path], Make]] = {
    "memory": memory,
    "xattrs": posix,
    "sidecar": lambda directory: posix(directory, "sidecar"),
}

VERSIONED: dict[str, Callable[[Path], Make]] = {
    "memory": memory,
    "xattrs": lambda directory: posix(directory, "versioning_dir"),
    "sidecar": lambda directory: posix(directory, "versioning_dir", "sidecar"),
}
