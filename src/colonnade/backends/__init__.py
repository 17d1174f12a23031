"""The backends, and the registry: ours come in by the same door as anybody's plugin.

A backend type is an entry point of the group ``colonnade.backends`` that names a function taking a plain dict
of options and returning a Backend. It raises ValueError, naming the option, for what it can't use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import entry_points
from typing import Any, cast

from colonnade.backend import Backend

GROUP = "colonnade.backends"


def types() -> list[str]:
    """The names of all backend types that are installed."""
    return sorted({point.name for point in entry_points(group=GROUP)})


def load(type_name: str, options: Mapping[str, Any]) -> Backend:
    """A backend of a type, made from its options. Raises ValueError for an unknown type or a wrong option."""
    points = [point for point in entry_points(group=GROUP) if point.name == type_name]
    if not points:
        raise ValueError(f"unknown backend type {type_name!r}; there are: {', '.join(types())}")
    make = cast(Callable[[Mapping[str, Any]], Backend], points[0].load())
    return make(options)


def refuse_unknown(type_name: str, options: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise ValueError for options that a backend type has not, naming them and those it has."""
    allowed = sorted(known)
    unknown = sorted(set(options) - set(allowed))
    if unknown:
        has = f"it has: {', '.join(allowed)}" if allowed else "it has none"
        raise ValueError(f"the {type_name} backend has no option {', '.join(map(repr, unknown))}; {has}")
