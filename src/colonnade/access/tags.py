"""Tags, those an object has and those a request asks for, as conditions of policies name them."""

from __future__ import annotations

from collections.abc import Iterable

from colonnade.errors import S3Error


def by_tag(prefix: str, pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """What is known of tags. Raises AccessDenied for keys that differ in case alone: as conditions they are one."""
    known: dict[str, list[str]] = {}
    for name, value in pairs:
        if known.setdefault(f"{prefix}{name}".lower(), [value]) != [value]:
            raise S3Error("AccessDenied", "Tags whose keys differ in case alone can't be judged by a policy.")
    return known
