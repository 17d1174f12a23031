"""Query strings, read once for both ends: what they say, and how they are signed.

Most pieces of a query come again with every request (algorithm, credential, expiry, sub-resources), and whole
queries do where a presigned URL is used again: what is made of either is remembered, within bounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.remembered import Remembered, Twice
from colonnade.wire import uri

SIGNATURE = "X-Amz-Signature"

#: What a presigned query says of its signature.
SIGNING = frozenset(
    {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", SIGNATURE}
)

#: Pieces, and whole queries, of more bytes than this are not remembered.
_LONG, _LONG_QUERY = 256, 1024

#: Queries remembered in each of two generations: up to 2 KiB each.
_MOST = 1024

#: What begins a piece that is another one in every query.
_ONCE = f"{SIGNATURE}=".encode()


class Pair(NamedTuple):
    """One name and its value, decoded, and `signed`: the same two as a canonical query has them."""

    name: str
    value: str
    signed: tuple[str, str]


class Query(NamedTuple):
    """A query: its pairs in order, the first value of each name, and those that are no part of a signature."""

    pairs: Sequence[Pair]
    params: Mapping[str, str]
    asked: Mapping[str, str]


#: Of a request without one.
NONE = Query((), {}, {})

_known: Remembered[bytes, Query] = Remembered(_MOST)
_came = Twice(_MOST)


def decode(raw: bytes) -> Query:
    """A query string read; plus is a space, a name without value has an empty one.

    Raises InvalidURI for what can't be decoded.
    """
    if not raw:
        return NONE
    found = _known.get(raw)
    if found is None:
        found = _query(raw)
        if len(raw) <= _LONG_QUERY and _came.before(raw):
            _known.put(raw, found)
    return found


def _query(raw: bytes) -> Query:
    pairs = [
        _decode(piece) if len(piece) > _LONG or piece.startswith(_ONCE) else _remembered(piece)
        for piece in raw.split(b"&")
        if piece
    ]
    params = {name: value for name, value, _ in reversed(pairs)}
    return Query(pairs, params, {name: value for name, value in params.items() if name not in SIGNING})


def canonical(pairs: Sequence[Pair]) -> str:
    """What is signed of a query: all of it but the signature."""
    if not pairs:
        return ""
    signed = [pair.signed for pair in pairs if pair.name != SIGNATURE]
    signed.sort()
    return "&".join([f"{name}={value}" for name, value in signed])


def _decode(piece: bytes) -> Pair:
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        raise S3Error("InvalidURI") from None
    name, _, value = text.partition("=")
    if "%" in text or "+" in text:
        name, value = _form(name), _form(value)
    return Pair(name, value, (sigv4.encode(name), sigv4.encode(value)))


_remembered = lru_cache(maxsize=4096)(_decode)


def _form(text: str) -> str:
    return uri.decode(text.replace("+", " ").encode())
