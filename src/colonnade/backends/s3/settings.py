"""The options of the s3 backend, read and checked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from colonnade.backends import refuse_unknown

_TEXTS = ("endpoint", "access", "secret", "region", "ca_file")
_FLAGS = ("use_path_style", "ssl_skip_verify", "anonymous_credentials", "disable_checksum")
_LATER = ("meta_bucket",)


@dataclass(frozen=True)
class Settings:
    """Where the other service is and how to speak to it. Without `endpoint` it is AWS in `region`.

    `access` and `secret` are both there or neither; neither means AWS' usual places, or nobody at all with
    `anonymous_credentials`. `disable_checksum` signs no payload.
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


def read(options: Mapping[str, Any]) -> Settings:
    """Settings out of options as a file has them. Raises ValueError naming the option and what is allowed."""
    refuse_unknown("s3", {name: None for name in options if name not in _LATER}, (*_TEXTS, *_FLAGS))
    for name in _LATER:
        if options.get(name):
            raise ValueError(f"the s3 backend's option {name} is not available yet")
    given = {name: _text(name, options[name]) for name in _TEXTS if options.get(name) is not None}
    flags = {name: _flag(name, options[name]) for name in _FLAGS if options.get(name) is not None}
    settings = Settings(**given, **flags)  # type: ignore[arg-type]  # each by its own reader
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
