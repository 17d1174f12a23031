"""Who owns a bucket and who else may use it, as its `acl` and `ownership` attributes keep it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.rules import acl
from colonnade.rules.acl import caller

__all__ = ["caller", "of_new_bucket"]


def of_new_bucket(arguments: Mapping[str, Any]) -> dict[str, bytes]:
    """The attributes that CreateBucket asks for. Raises what `rules.acl.of_new_bucket` raises."""
    kept, ownership = acl.of_new_bucket(arguments)
    return {"acl": acl.to_json(kept), "ownership": ownership.encode()}
