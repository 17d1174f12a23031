"""An HTTP request as the wire sees it: what was sent, and no meaning yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from colonnade.errors import S3Error
from colonnade.wire import query
from colonnade.wire.query import Pair

#: S3's bound on a request's header section, names and values (and the line's ``: `` and CRLF).
MAX_HEADERS = 8192


@dataclass(slots=True)
class Request:
    """One request, its body apart.

    `raw_path` is as sent, percent-encoded, without the query. `headers` have lower-case names; repeated ones
    are joined by a comma. `mount` is what of the path leads to the application, where it is mounted in another:
    signed, but no part of bucket or key. `query` holds the pairs, `params` the first value of each name, `asked` those
    of `params` that are no part of a signature. Raises InvalidURI if the query can't be decoded.
    """

    method: str
    raw_path: bytes
    query_string: bytes
    headers: dict[str, str]
    scheme: str = "http"
    client: str = ""
    mount: bytes = b""
    query: Sequence[Pair] = field(init=False)
    params: Mapping[str, str] = field(init=False)
    asked: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.query, self.params, self.asked = query.decode(self.query_string)

    def query_get(self, name: str) -> str | None:
        """The first value of a query parameter, None where it isn't there."""
        return self.params.get(name)

    @classmethod
    def from_scope(cls, scope: Mapping[str, Any]) -> Request:
        """An ASGI scope's request. Raises RequestHeaderSectionTooLarge, InvalidURI."""
        client = scope.get("client")
        raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
        return cls(
            scope["method"],
            raw_path.partition(b"?")[0],  # some ASGI servers leave the query on it
            scope.get("query_string", b""),
            _headers(scope["headers"]),
            scope.get("scheme", "http"),
            client[0] if client else "",
            scope.get("root_path", "").encode(),
        )


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header pairs as a dict, bounded."""
    headers: dict[str, str] = {}
    size = 0
    for raw_name, raw_value in pairs:
        size += len(raw_name) + len(raw_value) + 4
        name = _name(raw_name) if len(raw_name) < 64 else raw_name.decode("latin-1").lower()
        try:
            value = raw_value.decode().strip()
        except UnicodeDecodeError:
            value = raw_value.decode("latin-1").strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    if size > MAX_HEADERS:
        raise S3Error("RequestHeaderSectionTooLarge", MaxSizeAllowed=MAX_HEADERS)
    return headers


@lru_cache(maxsize=1024)
def _name(raw: bytes) -> str:
    """A header's name in lower case; most of them come again with every request."""
    return raw.decode("latin-1").lower()
