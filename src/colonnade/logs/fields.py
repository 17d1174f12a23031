"""Values of a log line: separated by single spaces, none quoted, so that nothing in one may be a space or a new line.

What is no visible ASCII character is percent-encoded, as is ``%`` where a value isn't encoded already. So whatever a
client sends, a line has as many values as it should, and no client writes lines of its own.
"""

from __future__ import annotations

import re
import time
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

_PLAIN = re.compile(r"[!-$&-~]+")
_HIDDEN, _HIDDEN_OR_PERCENT = re.compile(rb"[^!-~]"), re.compile(rb"[^!-$&-~]")

#: Parameters whose values open doors: what else is in a URL anybody may know. And any name that is encoded.
_SECRET = frozenset({b"x-amz-signature", b"x-amz-security-token", b"signature"})
_SIGNS = re.compile(rb"((?:^|&)(?:%s)=)[^&]*" % b"|".join(_SECRET), re.IGNORECASE)
_ENCODED_NAME = re.compile(rb"(?:^|&)[^=&]*%[^=&]*=")


def text(value: str) -> str:
    """A value, ``-`` for none."""
    if not value:
        return "-"
    return value if _PLAIN.fullmatch(value) else _encoded(value)


def uri(path: bytes, query: bytes) -> str:
    """A request's URI as it was sent, but for the values that sign it."""
    if query:
        path = b"%s?%s" % (path, _without_signature(query))
    return _HIDDEN.sub(_percent, path).decode()


def moment(seconds: float) -> str:
    """A time in the local zone, in brackets: ``[02/January/2006:15:04:05 -0700]``. It holds the one other space."""
    return _second(int(seconds))


def raw(scope: Any) -> str:
    """The URI of an ASGI scope."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return uri(path.partition(b"?")[0], scope.get("query_string", b""))


@lru_cache(maxsize=1024)
def _encoded(value: str) -> str:
    """A value with something in it to encode; user agents, which have spaces, come again with every request."""
    return _HIDDEN_OR_PERCENT.sub(_percent, value.encode(errors="backslashreplace")).decode()


@lru_cache(maxsize=8)
def _second(second: int) -> str:
    return time.strftime("[%d/%B/%Y:%H:%M:%S %z]", time.localtime(second))


def _percent(found: re.Match[bytes]) -> bytes:
    return b"%%%02X" % ord(found[0])


def _without_signature(query: bytes) -> bytes:
    small = query.lower()
    if b"signature=" in small or b"token=" in small:
        query = _SIGNS.sub(rb"\1-", query)
    return b"&".join(map(_parameter, query.split(b"&"))) if _ENCODED_NAME.search(query) else query


def _parameter(pair: bytes) -> bytes:
    name, equals, _ = pair.partition(b"=")
    return name + b"=-" if equals and unquote_to_bytes(name).lower() in _SECRET else pair
