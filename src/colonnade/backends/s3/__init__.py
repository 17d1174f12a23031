"""The s3 backend: any other S3 service, by its own name and with credentials of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.backend import Backend
from colonnade.backends.s3 import settings
from colonnade.backends.s3.backend import S3Backend

__all__ = ["S3Backend", "from_options"]


def from_options(options: Mapping[str, Any]) -> Backend:
    """An s3 backend, not started. Raises ValueError naming the option it can't use."""
    read = settings.read(options)
    made = S3Backend(read)
    if read.meta_bucket is None:
        return made
    from colonnade.backends.s3.meta import MetaBucket

    return MetaBucket(made, read.meta_bucket)
