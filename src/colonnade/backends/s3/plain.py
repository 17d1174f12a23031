"""Requests that are all line and headers, written by a table compiled from the model.

Says what botocore's serialiser says (a test holds it to that) in a fifth of the time: these are reads of objects,
deletes, listings. What is more than texts and numbers is left to botocore.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote

from colonnade.model import OPERATIONS

#: Kinds of values that stand on the wire as Python writes them.
_KINDS = frozenset({"string", "integer", "long"})


class Plain(NamedTuple):
    """A request: its path in path style, percent-encoded; decoded pairs; headers as the model spells them."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]


@cache
def _places(operation: str) -> Mapping[str, tuple[str, str]]:
    """Arguments -> where they stand, and under which name; nothing for operations that have bodies."""
    about = OPERATIONS[operation]
    given = about.input
    if given.payload is not None or given.body:
        return {}
    places = {"uri": given.uri, "query": given.query, "header": given.headers}
    return {m.name: (at, m.wire) for at, members in places.items() for m in members if m.shape.kind in _KINDS}


def write(operation: str, arguments: Mapping[str, Any]) -> Plain | None:
    """The request of an operation, None for one that isn't plain. Arguments that are None are not given."""
    about, places = OPERATIONS[operation], _places(operation)
    query, headers, path = list(about.constants.items()), dict[str, str](), "/"
    for name, value in arguments.items():
        at, wire = places.get(name, ("", ""))
        if not at or not isinstance(value, str | int) or isinstance(value, bool) or value == "":
            return None
        if at == "query":
            query.append((wire, str(value)))
        elif at == "header":
            headers[wire] = str(value)
    if about.level != "service":
        path += quote(arguments["Bucket"], safe="~")
    if about.level == "object":
        path += "/" + quote(arguments["Key"], safe="/~")
    return Plain(about.method, path, query, headers)
