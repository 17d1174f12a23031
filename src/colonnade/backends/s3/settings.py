"""The options of the s3 backend, read and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from colonnade.backends import refuse_unknown

_TEXTS = ("endpoint", "access", "secret", "region", "ca_file", "meta_bucket")
_FLAGS = (
    "use_path_style",
    "ssl_skip_verify",
    "anonymous_credentials",
    "disable_checksum",
    "disable_data_integrity_check",
    "gcs_compatibility",
    "debug",
)
_SECONDS = ("connect_timeout", "answer_timeout", "stall_timeout", "patience")


@dataclass(frozen=True)
class Settings:
    """Where the other service is and how to speak to it. Without `endpoint` it is AWS in `region`.

    `access` and `secret` are both there or neither; neither means AWS' usual places, or nobody at all with
    `anonymous_credentials`. `disable_checksum` signs no payload, `disable_data_integrity_check` sends no checksum but
    those that clients gave. `gcs_compatibility` asks for what is always so here: Accept-Encoding, which Google's
    service rewrites, is not signed. `debug` logs every request. The time-outs are in seconds: for a connection, for
    the answer to begin (`patience` where the upstream copies or joins a whole object before), and for each further
    piece of either body. `meta_bucket` keeps what the upstream must not know.
    """

    endpoint: str | None = None
    access: str | None = None
    secret: str | None = field(default=None, repr=False)
    region: str = "us-east-1"
    ca_file: str | None = None
    use_path_style: bool = False
    ssl_skip_verify: bool = False
    anonymous_credentials: bool = False
    disable_checksum: bool = False
    disable_data_integrity_check: bool = False
    gcs_compatibility: bool = False
    debug: bool = False
    meta_bucket: str | None = None
    connect_timeout: float = 5.0
    answer_timeout: float = 30.0
    stall_timeout: float = 30.0
    patience: float = 900.0


def read(options: Mapping[str, Any]) -> Settings:
    """Settings out of options as a file has them. Raises ValueError naming the option and what is allowed."""
    refuse_unknown("s3", options, (*_TEXTS, *_FLAGS, *_SECONDS))
    said = {name: value for name, value in options.items() if value is not None}
    texts = {name: _text(name, said[name]) for name in _TEXTS if name in said}
    flags = {name: _flag(name, said[name]) for name in _FLAGS if name in said}
    seconds = {name: _seconds(name, said[name]) for name in _SECONDS if name in said}
    settings = Settings(**texts, **flags, **seconds)  # type: ignore[arg-type]  # each by its own reader
    if (settings.access is None) is not (settings.secret is None):
        raise ValueError("access and secret: give both or neither")
    if settings.anonymous_credentials and settings.access is not None:
        raise ValueError("anonymous_credentials: not together with access and secret")
    if settings.ca_file is not None and not os.access(settings.ca_file, os.R_OK):
        raise ValueError(f"ca_file: {settings.ca_file} can't be read")
    return settings


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name}: must be text")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{name}: must be true or false, not {value!r}")
    return value


def _seconds(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise ValueError(f"{name}: must be a number of seconds above 0, not {value!r}")
    return float(value)
