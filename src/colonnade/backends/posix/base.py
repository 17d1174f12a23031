"""What every operation on a served directory reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.backends.posix.tree import Check, Tree
from colonnade.rules.conditions import Current, check_write


class Served:
    """Holds the tree."""

    tree: Tree


def write_check(arguments: Mapping[str, Any]) -> Check | None:
    """How a write's If-Match and If-None-Match judge what is there; None without them."""
    if arguments.get("IfMatch") is None and arguments.get("IfNoneMatch") is None:
        return None

    def check(current: Current | None) -> None:
        check_write(arguments, current)

    return check
