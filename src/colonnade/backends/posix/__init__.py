"""A plain directory as an object store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.backends.posix.backend import PosixBackend
from colonnade.backends.posix.options import parse


def from_options(options: Mapping[str, Any]) -> PosixBackend:
    """The backend for a configuration: `path`, and what :class:`~.options.Options` lists.

    Raises ValueError that names what is wrong and what is allowed.
    """
    return PosixBackend(parse(options))


__all__ = ["PosixBackend", "from_options"]
