"""Requests out of ASGI scopes."""

from __future__ import annotations

from typing import Any

import pytest

from colonnade.errors import S3Error
from colonnade.wire.request import Request


def scope(*headers: tuple[bytes, bytes], query: bytes = b"") -> dict[str, Any]:
    """An ASGI scope."""
    return {
        "method": "GET",
        "path": "/b/k",
        "raw_path": b"/b/k",
        "query_string": query,
        "headers": headers,
        "client": ("192.0.2.1", 9),
    }


def test_headers_are_joined_and_decoded() -> None:
    """Names are lower-cased, repeated values joined, UTF-8 read as such and all else as Latin-1."""
    asked = Request.from_scope(scope((b"A", b"1"), (b"a", b"2"), (b"u", "é".encode()), (b"l", b"\xe9")))
    assert asked.headers == {"a": "1,2", "u": "é", "l": "é"}
    assert asked.client == "192.0.2.1"


def test_query_pairs_are_decoded_once() -> None:
    """Plus is a space, order and repetition are kept, the first value counts."""
    asked = Request.from_scope(scope(query=b"a=1+2%2B&b&a=3&&c=%2525"))
    assert [(name, value) for name, value, _ in asked.query] == [("a", "1 2+"), ("b", ""), ("a", "3"), ("c", "%25")]
    assert (asked.query_get("a"), asked.query_get("b"), asked.query_get("d")) == ("1 2+", "", None)


def test_headers_are_bounded() -> None:
    """More than 8 KiB of headers is refused."""
    with pytest.raises(S3Error, match="RequestHeaderSectionTooLarge"):
        Request.from_scope(scope((b"x-amz-meta-a", b"x" * 8192)))


def test_a_query_that_is_not_utf8_is_an_invalid_uri() -> None:
    """Bytes that can't be a prefix of any key are refused."""
    with pytest.raises(S3Error, match="InvalidURI"):
        Request.from_scope(scope(query=b"prefix=%ff"))
