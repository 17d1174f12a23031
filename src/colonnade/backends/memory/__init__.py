"""The memory backend: everything in this process, gone with it. For tests and for embedding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.backends import refuse_unknown
from colonnade.backends.memory.backend import MemoryBackend

__all__ = ["MemoryBackend", "from_options"]


def from_options(options: Mapping[str, Any]) -> MemoryBackend:
    """An empty memory backend. ValueError for an option it hasn't."""
    refuse_unknown("memory", options, ("region", "block_public_access", "expire_uploads"))
    return MemoryBackend(
        region=str(options.get("region") or "us-east-1"),
        block_public_access=bool(options.get("block_public_access")),
        expire_uploads=int(options.get("expire_uploads") or 0),
    )
