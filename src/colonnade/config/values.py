"""Flag before environment before file before default: one value for every setting, and where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from colonnade.config.flags import FALSE, Flag, not_yet


def resolve(
    flags: Iterable[Flag],
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    file: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The value of every setting by its Python name.

    `given` and `file` hold values that are read already, by `Flag.key`. Raises ConfigError for an environment
    variable with a wrong value, or one that asks for something not available yet.
    """
    file = file or {}
    found: dict[str, Any] = {}
    for flag in flags:
        if not flag.available:
            _refuse(flag, environ)
        elif flag.key in given:
            found[flag.key] = given[flag.key]
        else:
            text, variable = _first(flag, environ)
            if text:
                found[flag.key] = flag.read(text, f"environment variable {variable}")
            else:
                found[flag.key] = file.get(flag.key, flag.default)
    return found


def _first(flag: Flag, environ: Mapping[str, str]) -> tuple[str, str]:
    """The first variable of a setting that isn't empty, and its name."""
    return next(((environ[name], name) for name in flag.env if environ.get(name)), ("", ""))


def _refuse(flag: Flag, environ: Mapping[str, str]) -> None:
    """Refuse a variable that asks for what isn't there; to switch it off or ask for the default asks nothing."""
    text, variable = _first(flag, environ)
    off = text in FALSE if flag.default is False else text == flag.default
    if text and not off:
        raise not_yet(f"environment variable {variable} (--{flag.name})")
