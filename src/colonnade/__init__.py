"""Colonnade: one S3 endpoint over many storage backends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from colonnade.backend import Backend, Layer
from colonnade.errors import S3Error

if TYPE_CHECKING:
    from colonnade.app import Gateway

__version__ = "0.1.0"

__all__ = ["Backend", "Gateway", "Layer", "S3Error", "__version__"]


def __getattr__(name: str) -> Any:
    """Import the gateway when it is asked for: the command line must not wait for the model to be compiled."""
    if name == "Gateway":
        from colonnade.app import Gateway

        return Gateway
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
