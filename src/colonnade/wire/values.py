"""Texts of headers, query parameters and elements into boto3's Python values.

A converter takes the text and gives the value, or raises ValueError with S3's sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeAlias

from colonnade.model import Member, Shape
from colonnade.wire import extras, times

Converter: TypeAlias = Callable[[str], Any]

_INTEGER = re.compile(r"-?[0-9]{1,19}")
_BOUNDS = {"integer": 2**31, "long": 2**63}


def converter(shape: Shape) -> Converter | None:
    """The converter of a scalar shape, None where the text is the value."""
    if shape.kind in _BOUNDS:
        return _integer(_BOUNDS[shape.kind])
    if shape.kind == "boolean":
        return _boolean
    if shape.kind == "timestamp":
        return _timestamp
    if shape.enum and shape.name not in extras.OPEN_ENUMS:
        return _enum(shape)
    return None


def header_list(member: Member) -> Converter:
    """The converter of a list in a header: items between commas."""
    item = converter(member.shape.item) if member.shape.item else None

    def convert(text: str) -> list[Any]:
        items = [piece.strip() for piece in text.split(",") if piece.strip()]
        return [item(piece) for piece in items] if item else items

    return convert


def _integer(bound: int) -> Converter:
    def convert(text: str) -> int:
        text = text.strip()
        if not _INTEGER.fullmatch(text) or not -bound <= int(text) < bound:
            raise ValueError("not an integer or within integer range")
        return int(text)

    return convert


def _boolean(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in ("true", "false"):
        raise ValueError("not a boolean")
    return lowered == "true"


def _timestamp(text: str) -> datetime:
    return times.parse(text)


def _enum(shape: Shape) -> Converter:
    values = {value: value for value in shape.enum}
    caseless = {value.lower(): value for value in shape.enum} if shape.name in extras.CASELESS_ENUMS else None

    def convert(text: str) -> str:
        text = text.strip()
        value = values.get(text) if caseless is None else caseless.get(text.lower())
        if value is None:
            raise ValueError(f"not one of {', '.join(shape.enum)}")
        return value

    return convert
