"""Colonnade: one S3 endpoint over many storage backends."""

from colonnade.backend import Backend, Layer
from colonnade.errors import S3Error

__version__ = "0.1.0"

__all__ = ["Backend", "Layer", "S3Error", "__version__"]
