"""CreateBucketConfiguration as the AWS command line takes it: JSON, or ``Name=value,List=[{...},...]``."""

from __future__ import annotations

import json
import re
from typing import Any

from colonnade.config.flags import ConfigError

_NAME = re.compile(r"\s*([A-Za-z]+)\s*=\s*")
_TEXT = re.compile(r'"([^"]*)"|([^,\[\]{}]*)')


def read(text: str) -> dict[str, Any]:
    """The structure that a text stands for. Raises ConfigError."""
    try:
        found, rest = (json.loads(text), "") if text.lstrip().startswith("{") else _pairs(text)
    except ValueError:
        found, rest = None, text
    if not isinstance(found, dict) or rest.strip():
        raise ConfigError(
            f"create-bucket-configuration: got {text!r}; "
            "allowed is JSON or LocationConstraint=REGION,Tags=[{Key=K,Value=V},...]"
        )
    return found


def _pairs(text: str) -> tuple[dict[str, Any], str]:
    """``Name=value`` pairs separated by commas, and what follows them. Raises ValueError."""
    found: dict[str, Any] = {}
    while True:
        name = _NAME.match(text)
        if name is None:
            raise ValueError
        found[name[1]], text = _value(text[name.end() :])
        if not text.startswith(","):
            return found, text
        text = text[1:]


def _value(text: str) -> tuple[Any, str]:
    if text.startswith("{"):
        found, rest = _pairs(text[1:])
        return found, _after(rest, "}")
    if text.startswith("["):
        return _list(text[1:])
    match = _TEXT.match(text)
    assert match is not None  # it matches nothing too
    return (match[1] if match[1] is not None else match[2].strip()), text[match.end() :].lstrip()


def _list(text: str) -> tuple[list[Any], str]:
    found: list[Any] = []
    text = text.lstrip()
    while not text.startswith("]"):
        value, text = _value(text)
        found.append(value)
        if text.startswith(","):
            text = text[1:].lstrip()
        elif not text.startswith("]"):
            raise ValueError
    return found, text[1:].lstrip()


def _after(text: str, mark: str) -> str:
    if not text.startswith(mark):
        raise ValueError
    return text[1:].lstrip()
