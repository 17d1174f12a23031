"""The multi-backend fork's configuration: one JSON file, whose entries the environment may overrule."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from colonnade.config import files
from colonnade.config.files import BackendConfig
from colonnade.config.flags import BOOL, FALSE, TEXT, TRUE, ConfigError, Kind

log = logging.getLogger("colonnade.config")

#: What an entry may say: its key, our option, what the environment calls it, and its kind.
FIELDS: tuple[tuple[str, str, str, Kind], ...] = (
    ("name", "name", "NAME", TEXT),
    ("access", "access", "ACCESS", TEXT),
    ("secret", "secret", "SECRET", TEXT),
    ("endpoint", "endpoint", "ENDPOINT", TEXT),
    ("region", "region", "REGION", TEXT),
    ("metaBucket", "meta_bucket", "META_BUCKET", TEXT),
    ("disableChecksum", "disable_checksum", "DISABLE_CHECKSUM", BOOL),
    ("sslSkipVerify", "ssl_skip_verify", "SSL_SKIP_VERIFY", BOOL),
    ("usePathStyle", "use_path_style", "USE_PATH_STYLE", BOOL),
)


def load(path: str, environ: Mapping[str, str], *, debug: bool = False) -> list[BackendConfig]:
    """The services of a file, the primary first. What it doesn't know it ignores, and says so. Raises ConfigError."""
    entries = files.read(path, as_json=not path.endswith(".toml")).get("backends")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(f'{path}: no backends defined; there must be one or more: {{"backends": [...]}}')
    return [_backend(entry, place, path, environ, debug) for place, entry in enumerate(entries)]


def _backend(entry: Mapping[str, Any], place: int, path: str, environ: Mapping[str, str], debug: bool) -> BackendConfig:
    where = f"{path}: backends[{place}]"
    for key in entry.keys() - {field[0] for field in FIELDS} - files.COMMENTS:
        log.warning("%s.%s: ignored, there is no such setting", where, key)
    said: dict[str, Any] = {}
    for key, option, variable, kind in FIELDS:
        value = _value(entry, key, kind, where)
        text = environ.get(f"VGW_S3_MULTI_BACKEND_{place}_{variable}")
        if text and kind is BOOL and text not in TRUE | FALSE:
            log.warning("VGW_S3_MULTI_BACKEND_%d_%s: %r is neither true nor false, ignored", place, variable, text)
        elif text:
            value = kind.read(text)
        if value is not None:
            said[option] = value
    name = said.pop("name", f"s3-{place}")
    if "access" not in said or "secret" not in said:
        raise ConfigError(f"{where} ({name}): access and secret are needed, here or in the environment")
    return BackendConfig(name, "s3", "fallback" if place else "primary", f"{where} ({name})", {**said, "debug": debug})


def _value(entry: Mapping[str, Any], key: str, kind: Kind, where: str) -> Any:
    """What the file says; an empty text says nothing."""
    value = entry.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, bool if kind is BOOL else str):
        raise ConfigError(f"{where}.{key}: got {value!r}; allowed is {kind.allowed}")
    return value
