"""Members of answers as header lines. Nothing a client stored can end a line here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

from colonnade.model import Member, Message
from colonnade.rules import rfc2047
from colonnade.wire import markup, times

Lines: TypeAlias = list[tuple[bytes, bytes]]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
#: What a header's name may be made of (RFC 9110 §5.6.2); metadata of other names is counted as missing.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@lru_cache(maxsize=4096)
def value(text: str) -> bytes:
    """A header's value: control characters become a space, all else is UTF-8. Most of them come again and again."""
    if text.isascii() and text.isprintable():
        return text.encode()
    return _CONTROL.sub(" ", text).encode("utf-8", "replace")


class Headers:
    """Writes those members of an operation's answer that are headers."""

    def __init__(self, message: Message) -> None:
        self._members = {m.name: (m.wire.lower().encode(), _text(m)) for m in message.headers}
        self._metadata = message.prefix.name if message.prefix is not None else ""

    def lines(self, answer: Mapping[str, Any]) -> Lines:
        """The header lines of an answer, in the order of its members."""
        members = self._members
        lines: Lines = []
        for name, item in answer.items():
            entry = members.get(name)
            if entry is not None and item is not None:
                if item is False and name == "DeleteMarker":
                    continue  # S3 sends the header only where there is one
                lines.append((entry[0], entry[1](item)))
        if self._metadata and answer.get(self._metadata):
            _metadata(answer[self._metadata], lines)
        return lines


def _text(member: Member) -> Callable[[Any], bytes]:
    """How a member is written as a header's value."""
    shape = member.shape
    if shape.kind == "list":
        return lambda items: value(",".join(map(str, items)))
    if shape.kind in ("integer", "long"):
        return lambda number: b"%d" % number
    if shape.kind == "string":
        return _string
    write = markup.text(shape, member.timestamp)
    return lambda item: value(write(item))


def _string(item: Any) -> bytes:
    if isinstance(item, str):
        return value(item)
    return value(times.http(item))  # Expires, from backends that speak of it as boto3 does


def _metadata(metadata: Mapping[str, str], lines: Lines) -> None:
    """User metadata, and how much of it can't be a header."""
    missing = 0
    for name, text in metadata.items():
        if _TOKEN.fullmatch(name):
            lines.append((b"x-amz-meta-" + name.lower().encode(), rfc2047.encode(text).encode()))
        else:
            missing += 1
    if missing:
        lines.append((b"x-amz-missing-meta", b"%d" % missing))
