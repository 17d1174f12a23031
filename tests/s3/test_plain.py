"""Requests that are all line and headers are written as botocore writes them."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.backends.s3 import plain
from colonnade.backends.s3.request import Request, build
from colonnade.model import OPERATIONS

PLAIN = sorted(name for name, about in OPERATIONS.items() if not about.input.payload and not about.input.body)
TEXT = "a b/../\u00fc+%~*'()?&="


def arguments(operation: str, *, every: bool) -> dict[str, Any]:
    """Texts and numbers for what an operation needs, or for all that it takes."""
    given = OPERATIONS[operation].input
    members = [m for m in (*given.uri, *given.query, *given.headers) if every or m.name in given.required]
    values = {"integer": 7, "long": 123456789012, "boolean": True}
    kinds = ("string", *values)
    found = {m.name: values.get(m.shape.kind, TEXT) for m in members if m.shape.kind in kinds}
    return found | {name: "bucket" for name in ("Bucket",) if name in found}


async def written(operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """The request of an operation, queries in any order."""
    made: Request = await build(operation, dict(given))
    names = ("method", "path", "headers", "body", "upload")
    return {"query": sorted(made.query), **{name: getattr(made, name) for name in names}}


@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("operation", PLAIN)
async def test_the_same_as_botocore(operation: str, every: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is required, and with all that there is."""
    given = arguments(operation, every=every)
    ours = await written(operation, given)
    monkeypatch.setattr(plain, "write", lambda *_: None)
    assert ours == await written(operation, given)


def test_reads_are_plain() -> None:
    """And what is no text and no number isn't."""
    where = {"Bucket": "b", "Key": "k"}
    assert plain.write("GetObject", {**where, "Range": "bytes=0-1", "PartNumber": 1}) is not None
    assert plain.write("DeleteObject", {**where, "BypassGovernanceRetention": True}) is None
    assert plain.write("PutObject", where) is None
