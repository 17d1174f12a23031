"""The s3 backend: any other S3 service, by its own name and with credentials of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.backends.s3 import settings
from colonnade.backends.s3.backend import S3Backend

__all__ = ["S3Backend", "from_options"]


def from_options(options: Mapping[str, Any]) -> S3Backend:
    """An s3 backend, not started. Raises ValueError naming the option it can't use."""
    return S3Backend(settings.read(options))
