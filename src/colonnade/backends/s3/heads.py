"""Answers that are all headers (and perhaps a stream), read by a table compiled from the model.

Says what botocore's parser says (a test holds it to that) in a tenth of the time: these are the answers to GET, HEAD
and PUT of objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from colonnade.backend import Answer
from colonnade.model import OPERATIONS

#: Makes a value of a header's text. Raises ValueError.
Read = Callable[[str], Any]


def is_head(operation: str) -> bool:
    """Whether nothing of an operation's answer stands in a document."""
    output = OPERATIONS[operation].output
    return not output.body and (output.payload is None or output.payload.shape.kind == "blob")


@cache
def _table(operation: str, moment: Read) -> tuple[dict[str, tuple[str, Read | None]], str, str]:
    """The readers by header, and the beginning and the member of all that are metadata."""
    output = OPERATIONS[operation].output
    readers: dict[str, Read | None] = {
        "boolean": lambda text: text.lower() == "true",
        "integer": int,
        "long": int,
        "timestamp": moment,
    }
    members = {m.wire.lower(): (m.name, readers.get(m.shape.kind)) for m in output.headers}
    prefix = output.prefix
    return members, prefix.wire.lower() if prefix else "", prefix.name if prefix else ""


def parse(operation: str, headers: Mapping[str, str], moment: Read) -> Answer:
    """The answer that the headers tell. `moment` reads times. Raises ValueError for a value that isn't of its type."""
    members, prefix, metadata = _table(operation, moment)
    answer: Answer = {metadata: {}} if metadata else {}
    for name, text in headers.items():
        name = name.lower()
        entry = members.get(name)
        if entry is not None:
            member, read = entry
            answer[member] = text if read is None else read(text)
        elif metadata and name.startswith(prefix):
            answer[metadata][name[len(prefix) :]] = text
    return answer
