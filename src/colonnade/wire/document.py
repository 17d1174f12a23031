"""An XML body into boto3's argument, by its shape, as strictly as S3's published schema.

What the schema doesn't have, has it twice, or lacks a required member is refused: a condition that is passed
over in silence could delete what it was to protect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from colonnade.errors import S3Error
from colonnade.model import Member, Shape
from colonnade.wire import extras, xml
from colonnade.wire.values import Converter, converter

Reader: TypeAlias = Callable[[xml.Element], Any]


def read(data: bytes, member: Member, code: str = "MalformedXML") -> Any:
    """A body that is `member`'s element, as boto3's value. Raises S3Error of `code`."""
    return read_root(data, member.wire, member.shape, code)


def read_root(data: bytes, root: str, shape: Shape, code: str = "MalformedXML") -> Any:
    """A body whose root element is `root`, as a value of `shape`. Raises S3Error of `code`."""
    try:
        element = xml.parse(data)
        if element.name != root:
            raise ValueError(f"the root is {element.name}, not {root}")
        return _reader(shape)(element)
    except (ValueError, S3Error):
        raise S3Error(code) from None


def _reader(shape: Shape) -> Reader:
    reader = _READERS.get(shape.name)
    if reader is None:
        reader = _READERS[shape.name] = _compile(shape)
    return reader


#: Readers by the name of their shape.
_READERS: dict[str, Reader] = {}


def _compile(shape: Shape) -> Reader:
    if shape.kind == "structure":
        return _structure(shape)
    if shape.kind == "list":
        return _wrapped_list(shape)
    convert = converter(shape) or str
    return lambda element: convert(_scalar(element))


def _scalar(element: xml.Element) -> str:
    if element.children:
        raise ValueError(f"{element.name} has elements")
    return element.text


def _wrapped_list(shape: Shape) -> Reader:
    assert shape.item is not None
    item, name = _reader(shape.item), shape.item_name

    def read_list(element: xml.Element) -> list[Any]:
        if any(child.name != name for child in element.children):
            raise ValueError(f"{element.name} holds more than {name}")
        return [item(child) for child in element.children]

    return read_list


def _structure(shape: Shape) -> Reader:
    elements, lists, attributes = _members(shape)
    required = shape.required | extras.REQUIRED.get(shape.name, frozenset())
    filled = [member for name, member in extras.FILLED if name == shape.name]
    limits = {member: most for (name, member), most in extras.LIST_LIMITS.items() if name == shape.name}

    def read_structure(element: xml.Element) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for child in element.children:
            if (known := elements.get(child.name)) is not None:
                name, reader = known
                if name in value:
                    raise ValueError(f"{child.name} twice")
                value[name] = reader(child)
            elif (known := lists.get(child.name)) is not None:
                name, reader = known
                value.setdefault(name, []).append(reader(child))
            else:
                raise ValueError(f"{element.name} has no {child.name}")
        for local, (name, convert) in attributes.items():
            if local in element.attributes:
                value[name] = convert(element.attributes[local])
        _check(value, required, limits)
        if filled and not all(value[name] for name in filled):
            raise ValueError(f"{', '.join(filled)} must not be empty")
        return value

    return read_structure


def _check(value: dict[str, Any], required: frozenset[str], limits: dict[str, int]) -> None:
    if not required <= value.keys():
        raise ValueError(f"lacks {', '.join(sorted(required - value.keys()))}")
    for name, most in limits.items():
        if len(value.get(name, ())) > most:
            raise ValueError(f"more than {most} {name}")


def _members(
    shape: Shape,
) -> tuple[dict[str, tuple[str, Reader]], dict[str, tuple[str, Reader]], dict[str, tuple[str, Converter]]]:
    """The members of a structure by element: single ones, those of flattened lists, and attributes."""
    elements: dict[str, tuple[str, Reader]] = {}
    lists: dict[str, tuple[str, Reader]] = {}
    attributes: dict[str, tuple[str, Converter]] = {}
    for member in shape.members:
        if member.attribute:
            attributes[member.wire.rpartition(":")[2]] = (member.name, converter(member.shape) or str)
        elif member.flattened and member.shape.item is not None:
            lists[member.wire] = (member.name, _reader(member.shape.item))
        else:
            elements[member.wire] = (member.name, _reader(member.shape))
    return elements, lists, attributes
