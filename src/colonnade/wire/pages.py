"""Pages of ListObjects and ListObjectsV2 as an escaped template: the one answer that is large and asked for often.

Says the same as the general writer (a test holds it to that) in a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.model import OPERATIONS
from colonnade.wire import markup, times
from colonnade.wire.markup import Append, escape

_MEMBERS = {member.name: member for member in OPERATIONS["ListObjectsV2"].output.body}
_ITEM = _MEMBERS["Contents"].shape.item
assert _ITEM is not None

#: Members of an item that the template has; the rest are rare and left to the general writer.
_PLAIN = frozenset({"Key", "LastModified", "ETag", "Size", "StorageClass"})
_rare = markup.content(tuple(member for member in _ITEM.members if member.name not in _PLAIN))
_rest = {
    operation: markup.content(tuple(m for m in OPERATIONS[operation].output.body if m.name not in ("Contents",)))
    for operation in ("ListObjects", "ListObjectsV2")
}


def v1(answer: Mapping[str, Any], append: Append) -> None:
    """The inside of ListObjects' answer."""
    _rest["ListObjects"](answer, append)
    _contents(answer.get("Contents") or (), append)


def v2(answer: Mapping[str, Any], append: Append) -> None:
    """The inside of ListObjectsV2's answer."""
    _rest["ListObjectsV2"](answer, append)
    _contents(answer.get("Contents") or (), append)


def _contents(items: Any, append: Append) -> None:
    plain, iso = _PLAIN, times.iso
    for item in items:
        try:
            text = (
                f"<Contents><Key>{escape(item['Key'])}</Key><LastModified>{iso(item['LastModified'])}</LastModified>"
                f"<ETag>{escape(item['ETag'])}</ETag><Size>{item['Size']}</Size>"
            )
        except KeyError:  # a backend that doesn't know one of them
            text = f"<Contents>{_some(item)}"
        storage = item.get("StorageClass")
        append(f"{text}<StorageClass>{escape(storage)}</StorageClass>" if storage else text)
        if not plain.issuperset(item):
            _rare(item, append)
        append("</Contents>")


_some_of = markup.content(tuple(m for m in _ITEM.members if m.name in _PLAIN - {"StorageClass"}))


def _some(item: Mapping[str, Any]) -> str:
    pieces: list[str] = []
    _some_of(item, pieces.append)
    return "".join(pieces)
