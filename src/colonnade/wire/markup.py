"""boto3's values into XML, by shape, compiled once: each shape becomes a function that appends text.

S3 writes control characters as numeric references, though XML 1.0 has no such characters: clients that meet
them ask for ``encoding-type=url``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from colonnade.model import Member, Shape
from colonnade.wire import extras, times

Append: TypeAlias = Callable[[str], None]
Writer: TypeAlias = Callable[[Any, Append], None]
Text: TypeAlias = Callable[[Any], str]

HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n'

_UNSAFE = re.compile(r"[\x00-\x08\x0b-\x1f&<>\"\x7f\ud800-\udfff\ufffe\uffff]")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}


def escape(text: str) -> str:
    """Text as it may stand in an element or attribute."""
    if _UNSAFE.search(text) is None:
        return text
    return _UNSAFE.sub(lambda match: _NAMED.get(match[0]) or f"&#x{ord(match[0]):x};", text)


def document(root: str, write: Writer, value: Any, namespace: str = extras.NAMESPACE) -> bytes:
    """A whole document: `write` fills the root element with `value`."""
    pieces = [HEADER, f'<{root} xmlns="{namespace}">' if namespace else f"<{root}>"]
    write(value, pieces.append)
    pieces.append(f"</{root}>")
    return "".join(pieces).encode()


def content(members: tuple[Member, ...]) -> Writer:
    """A writer of a structure's members as elements, for those that are there."""
    writers = {member.name: element(member) for member in members if not member.attribute}

    def write(value: Mapping[str, Any], append: Append) -> None:
        for name, write_member in writers.items():
            item = value.get(name)
            if item is not None:
                write_member(item, append)

    return write


def element(member: Member) -> Writer:
    """A writer of one member: its element, or one for each item if it is a flattened list."""
    shape = member.shape
    if shape.kind == "list":
        assert shape.item is not None
        if member.flattened:
            return _each(_named(member.wire, shape.item, member))
        return _wrapped(member.wire, _each(_named(shape.item_name, shape.item, member)))
    return _named(member.wire, shape, member)


def text(shape: Shape, timestamp: str = "iso8601") -> Text:
    """How a scalar is written."""
    if shape.kind == "timestamp":
        return _http if timestamp == "rfc822" else _iso
    return _TEXTS.get(shape.kind, _string)


def _named(tag: str, shape: Shape, member: Member) -> Writer:
    """A writer of one value as an element `tag`."""
    if shape.kind == "structure":
        return _structure(tag, shape, member)
    start, end, write_text = f"<{tag}>", f"</{tag}>", text(shape, member.timestamp)
    return lambda value, append: append(f"{start}{write_text(value)}{end}")


def _structure(tag: str, shape: Shape, member: Member) -> Writer:
    inner = _content_of(shape)
    attributes = [(each.wire, each.name) for each in shape.members if each.attribute]
    namespace = member.namespace or (_XSI if attributes else None)
    start = f'<{tag} xmlns:{namespace[0]}="{namespace[1]}"' if namespace else f"<{tag}"
    end = f"</{tag}>"

    def write(value: Mapping[str, Any], append: Append) -> None:
        append(start)
        for wire, name in attributes:
            if value.get(name) is not None:
                append(f' {wire}="{escape(value[name])}"')
        append(">")
        inner(value, append)
        append(end)

    return write


#: The namespace of ``xsi:type``, the one attribute S3 has.
_XSI = ("xsi", "http://www.w3.org/2001/XMLSchema-instance")

_CONTENTS: dict[str, Writer] = {}


def _content_of(shape: Shape) -> Writer:
    writer = _CONTENTS.get(shape.name)
    if writer is None:
        writer = _CONTENTS[shape.name] = content(shape.members)
    return writer


def _each(write_item: Writer) -> Writer:
    def write(value: Any, append: Append) -> None:
        for item in value:
            write_item(item, append)

    return write


def _wrapped(tag: str, inner: Writer) -> Writer:
    def write(value: Any, append: Append) -> None:
        append(f"<{tag}>")
        inner(value, append)
        append(f"</{tag}>")

    return write


def _string(value: Any) -> str:
    return escape(value if isinstance(value, str) else str(value))


def _boolean(value: Any) -> str:
    return "true" if value else "false"


def _iso(value: Any) -> str:
    return escape(value) if isinstance(value, str) else times.iso(value)


def _http(value: Any) -> str:
    return escape(value) if isinstance(value, str) else times.http(value)


_TEXTS: dict[str, Text] = {"boolean": _boolean, "integer": str, "long": str}
