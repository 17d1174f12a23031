"""Configuration files: TOML, or JSON as the multi-backend gateways have it, read and checked key by key."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from colonnade.config import options, pending
from colonnade.config.flags import ConfigError, Flag, mistake, not_yet, unknown

#: Keys that say something to people only.
COMMENTS = frozenset({"comment", "comments", "note", "notes", "important_notes", "use_cases"})

#: Settings whose value may lie in a file of its own, as container secrets do: ``secret-file = "/run/secrets/x"``.
FROM_FILES = ("access", "secret", "password", "access_key", "sas_token")


@dataclass(frozen=True)
class BackendConfig:
    """One entry of ``backends``: its place among the others, and the options of its type as they were written.

    `where` is how a mistake in it is to be named.
    """

    name: str
    type: str
    role: str
    where: str
    options: Mapping[str, Any] = field(repr=False)
    may_be_missed: bool = False
    connect_timeout: float = 5.0
    answer_timeout: float = 30.0
    stall_timeout: float = 30.0
    patience: float = 900.0
    read_only: bool = False
    bucket_prefix: str = ""
    into_bucket: str = ""
    buckets: Sequence[str] = ()


@dataclass(frozen=True)
class FileConfig:
    """What a file says: values of global settings, of the overlay, and the backends in their order."""

    settings: Mapping[str, Any]
    backends: Sequence[BackendConfig]
    overlay: Mapping[str, Any]


def load(path: str, environ: Mapping[str, str]) -> FileConfig:
    """Read a file. Raises ConfigError naming the file, the key, what was given and what is allowed."""
    document = _Interpolation(path, environ).table(read(path, as_json=path.endswith(".json")), "")
    backends = document.pop("backends", None)
    if not isinstance(backends, list) or not backends or not all(isinstance(entry, dict) for entry in backends):
        raise ConfigError(f"{path}: backends: there must be one or more, as [[backends]] in TOML, a list in JSON")
    overlay = document.pop("overlay", {})
    if not isinstance(overlay, dict):
        raise mistake(f"{path}: overlay", overlay, "a table")
    known = options.GLOBAL + pending.GLOBAL
    return FileConfig(
        settings=_settings(known, document, path, "", ["backends", "overlay"]),
        overlay=_settings(options.OVERLAY, overlay, path, "overlay."),
        backends=_backends(backends, path),
    )


def read(path: str, *, as_json: bool) -> dict[str, Any]:
    """A file's document as it stands there. Raises ConfigError."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        document = json.loads(text) if as_json else tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:  # of JSON, TOML and UTF-8 alike
        raise ConfigError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise mistake(path, document, 'an object such as {"backends": [...]}')
    return document


def _settings(
    flags: Sequence[Flag], table: Mapping[str, Any], path: str, prefix: str, others: Sequence[str] = ()
) -> dict[str, Any]:
    """The values of some settings out of a table that has nothing else."""
    by_key = {flag.key: flag for flag in flags}
    found: dict[str, Any] = {}
    for key, value in table.items():
        flag = by_key.get(key)
        if flag is None:
            names = [flag.name for flag in flags if flag.available] + list(others)
            raise unknown(f"{path}: {prefix}".rstrip(": .") + ": key", key.replace("_", "-"), names)
        if not flag.available:
            raise not_yet(f"{path}: {prefix}{flag.name}")
        found[key] = flag.read(value, f"{path}: {prefix}{flag.name}")
    return found


def _backends(entries: Sequence[dict[str, Any]], path: str) -> list[BackendConfig]:
    backends = [_backend(entry, place, path) for place, entry in enumerate(entries)]
    for place, backend in enumerate(backends):
        if (backend.role == "primary") is not (place == 0):
            raise mistake(f"{backend.where}: role", backend.role, "primary for the first backend and for no other")
        if backend.name in [other.name for other in backends[:place]]:
            raise mistake(f"{backend.where}: name", backend.name, "a name that no other backend has")
    return backends


def _backend(entry: dict[str, Any], place: int, path: str) -> BackendConfig:
    where = f"{path}: backends[{place}]"
    common = {flag.key: flag for flag in options.MEMBER}
    own = {key: value for key, value in entry.items() if key not in common}
    said = {
        key: common[key].read(value, f"{where}.{common[key].name}") for key, value in entry.items() if key in common
    }
    # The files of the multi-backend fork are JSON, and know S3 services only.
    kind = said.pop("type", "s3" if path.endswith(".json") else None)
    if kind is None:
        raise ConfigError(f"{where}.type is missing: what kind of backend it is, such as posix")
    if kind in pending.TYPES:
        raise not_yet(f"{where}.type {kind!r}")
    said.setdefault("name", f"{kind}-{place}")
    said.setdefault("role", "fallback" if place else "primary")
    return BackendConfig(type=kind, where=f"{where} ({said['name']})", options=own, **said)


class _Interpolation:
    """Keys in one spelling, ``${VARIABLE}`` replaced (``$${`` is a plain ``${``), ``*-file`` read, comments dropped."""

    def __init__(self, path: str, environ: Mapping[str, str]) -> None:
        self.path = path
        self.environ = environ

    def table(self, table: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        """A table with all that is in it."""
        found: dict[str, Any] = {}
        for key, value in table.items():
            if key in COMMENTS:
                continue
            name, read = spelled(key), self.value(value, f"{prefix}{key}")
            if name.endswith("_file") and name.removesuffix("_file") in FROM_FILES:
                name, read = name.removesuffix("_file"), self._contents(read, f"{prefix}{key}")
            if name in found:
                raise ConfigError(f"{self.path}: {prefix}{key}: given twice, in two spellings or as value and file")
            found[name] = read
        return found

    def value(self, value: Any, where: str) -> Any:
        """A value of any type."""
        if isinstance(value, dict):
            return self.table(value, f"{where}.")
        if isinstance(value, list):
            return [self.value(item, f"{where}[{place}]") for place, item in enumerate(value)]
        return self._text(value, where) if isinstance(value, str) else value

    def _text(self, text: str, where: str) -> str:
        def replace(match: re.Match[str]) -> str:
            name = match[1]
            if match[0].startswith("$$"):
                return match[0][1:]
            if name not in self.environ:
                raise ConfigError(f"{self.path}: {where}: environment variable {name} is not set")
            return self.environ[name]

        return re.sub(r"\$?\$\{([A-Za-z_][A-Za-z0-9_]*)\}", replace, text)

    def _contents(self, name: Any, where: str) -> str:
        try:
            text = Path(os.fspath(name)).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, TypeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{self.path}: {where}: {error}") from error
        if not text:
            raise ConfigError(f"{self.path}: {where}: {name} is empty")
        return text


def spelled(key: str) -> str:
    """A key as Python spells it: ``may-be-missed`` and the fork's ``metaBucket`` have underscores here."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower().replace("-", "_")
