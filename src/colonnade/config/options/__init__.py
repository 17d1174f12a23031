"""The settings that work, as tables: one file for each subject."""

from __future__ import annotations

from colonnade.config.options.commands import COMPARE, CONFIG, PLACES, STATUS, SYNC, TEST
from colonnade.config.options.gateway import GLOBAL
from colonnade.config.options.posix import POSIX
from colonnade.config.options.s3 import S3, S3_MULTI, TIMEOUTS
from colonnade.config.options.several import MEMBER, OVERLAY

__all__ = [
    "COMPARE",
    "CONFIG",
    "GLOBAL",
    "MEMBER",
    "OVERLAY",
    "PLACES",
    "POSIX",
    "S3",
    "S3_MULTI",
    "STATUS",
    "SYNC",
    "TEST",
    "TIMEOUTS",
]
