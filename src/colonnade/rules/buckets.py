"""ListBuckets, paged, out of the names there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from colonnade.errors import S3Error
from colonnade.rules import tokens

MOST = 10_000


def page(arguments: Mapping[str, Any], names: Iterable[str]) -> tuple[list[str], dict[str, Any]]:
    """The names on the page, and what the answer says of paging. Reads MaxBuckets, Prefix, ContinuationToken.

    Raises InvalidArgument for a MaxBuckets that isn't from 1 to 10,000.
    """
    most, prefix = arguments.get("MaxBuckets"), arguments.get("Prefix") or ""
    if most is not None and not 1 <= most <= MOST:
        raise S3Error(
            "InvalidArgument",
            f"Argument max-buckets must be an integer between 1 and {MOST}",
            ArgumentName="max-buckets",
            ArgumentValue=str(most),
        )
    token = arguments.get("ContinuationToken")
    after = tokens.decode(token) if token else ""
    found = sorted(name for name in names if name > after and name.startswith(prefix))
    shown = found[: most or MOST]
    said: dict[str, Any] = {"Prefix": prefix} if prefix else {}
    if len(shown) < len(found):
        said["ContinuationToken"] = tokens.encode(shown[-1])
    return shown, said
