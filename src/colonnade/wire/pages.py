"""Pages of ListObjects and ListObjectsV2 as an escaped template: the one answer that is large and asked for often.

Says the same as the general writer (a test holds it to that) in a fraction of the time: whether anything needs
escaping is asked once for a whole page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from colonnade.model import OPERATIONS, Member
from colonnade.wire import markup, uri
from colonnade.wire.markup import Append, escape
from colonnade.wire.times import iso

_MEMBERS = {member.name: member for member in OPERATIONS["ListObjectsV2"].output.body}

#: Members of an item that the template has; the rest are rare and left to the general writer.
_PLAIN = frozenset({"Key", "LastModified", "ETag", "Size", "StorageClass", "ChecksumAlgorithm", "ChecksumType"})


def _item_members() -> tuple[Member, ...]:
    item = _MEMBERS["Contents"].shape.item
    assert item is not None
    return item.members


_rare = markup.content(tuple(member for member in _item_members() if member.name not in _PLAIN))
_any = markup.element(_MEMBERS["Contents"])
_rest = {
    operation: markup.content(tuple(m for m in OPERATIONS[operation].output.body if m.name != "Contents"))
    for operation in ("ListObjects", "ListObjectsV2")
}


def v1(answer: Mapping[str, Any], append: Append) -> None:
    """The inside of ListObjects' answer."""
    _rest["ListObjects"](answer, append)
    _contents(answer, append)


def v2(answer: Mapping[str, Any], append: Append) -> None:
    """The inside of ListObjectsV2's answer."""
    _rest["ListObjectsV2"](answer, append)
    _contents(answer, append)


def _contents(answer: Mapping[str, Any], append: Append) -> None:
    """The objects of a page. One that lacks what S3 always says goes through the general writer."""
    items: Sequence[Mapping[str, Any]] = answer.get("Contents") or ()
    if answer.get("EncodingType") == "url":
        keys = [item["Key"] for item in items if "Key" in item]
        if not uri.plain("".join(keys)):
            items = [{**item, "Key": uri.encode(item["Key"])} if "Key" in item else item for item in items]
    if _alike(items, append):
        return
    try:
        keys = [item["Key"] for item in items]
        tags = [item["ETag"] for item in items]
        moments = [iso(item["LastModified"]) for item in items]
        sizes = [item["Size"] for item in items]
    except KeyError:
        _any(items, append)
        return
    if not _harmless("".join(keys)):
        keys = [escape(key) for key in keys]
    tags = [tag.replace('"', "&quot;") for tag in tags] if _harmless("".join(tags), '"') else list(map(escape, tags))
    plain, ends = _PLAIN, _Ends()
    for item, key, tag, time, size in zip(items, keys, tags, moments, sizes, strict=True):
        end = ends[item.get("StorageClass"), item.get("ChecksumType"), *(item.get("ChecksumAlgorithm") or ())]
        text = (
            f"<Contents><Key>{key}</Key><LastModified>{time}</LastModified><ETag>{tag}</ETag><Size>{size}</Size>{end}"
        )
        if plain.issuperset(item):
            append(text + "</Contents>")
        else:
            append(text)
            _rare(item, append)
            append("</Contents>")


#: The least that is said of an object, and what posix and memory say of one with a checksum.
_SHAPES = {
    len(names): itemgetter(*names)
    for names in (
        ("Key", "LastModified", "ETag", "Size", "StorageClass"),
        ("Key", "LastModified", "ETag", "Size", "StorageClass", "ChecksumType", "ChecksumAlgorithm"),
    )
}


def _alike(items: Sequence[Mapping[str, Any]], append: Append) -> bool:
    """Write objects that differ in key, date, ETag and size only, as most pages' do; whether they are such."""
    lengths = set(map(len, items))
    shape = _SHAPES.get(lengths.pop()) if len(lengths) == 1 else None
    if shape is None:
        return False
    try:
        keys, moments, tags, sizes, *rest = zip(*map(shape, items), strict=True)
    except KeyError:
        return False
    if any(column.count(column[0]) != len(column) for column in rest):
        return False
    all_keys, all_tags = "".join(keys), "".join(tags)
    if not _harmless(all_keys) or not _harmless(all_tags, '"') or " " in all_tags:
        return False
    storage, kind, algorithms = (*(column[0] for column in rest), None, ())[:3]
    end = _Ends()[storage, kind, *algorithms]
    escaped = " ".join(tags).replace('"', "&quot;").split(" ")
    append(
        "".join(
            [
                f"<Contents><Key>{key}</Key><LastModified>{time}</LastModified>"
                f"<ETag>{tag}</ETag><Size>{size}</Size>{end}</Contents>"
                for key, time, tag, size in zip(keys, map(iso, moments), escaped, sizes, strict=True)
            ]
        )
    )
    return True


def _harmless(text: str, but: str = "") -> bool:
    """Whether nothing in a text, `but` apart, needs escaping; may say no where nothing does."""
    return text.isprintable() and not any(mark in text for mark in '&<>"' if mark != but)


class _Ends(dict[tuple[str | None, ...], str]):
    """The elements of each storage class, kind of checksum and algorithms of one, made when they are first met."""

    def __missing__(self, key: tuple[str | None, ...]) -> str:
        storage, kind, *algorithms = key
        text = f"<StorageClass>{escape(storage)}</StorageClass>" if storage else ""
        text += "".join(f"<ChecksumAlgorithm>{escape(name or '')}</ChecksumAlgorithm>" for name in algorithms)
        text += f"<ChecksumType>{escape(kind)}</ChecksumType>" if kind else ""
        self[key] = text
        return text
