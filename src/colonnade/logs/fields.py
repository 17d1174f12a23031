"""Values of a log line: separated by single spaces, none quoted, so that nothing in one may be a space or a new line.

What is no visible ASCII character is percent-encoded, as is ``%`` where a value isn't encoded already. So whatever a
client sends, a line has as many values as it should, and no client writes lines of its own.
"""

from __future__ import annotations

import re
import time
from typing import Any
from urllib.parse import quote, unquote_to_bytes

_VISIBLE = "".join(map(chr, range(0x21, 0x7F)))
_PLAIN = re.compile(r"[!-$&-~]+")
_HIDDEN = re.compile(rb"[^!-~]")

#: Parameters whose values open doors: what else is in a URL anybody may know.
_SECRET = frozenset({b"x-amz-signature", b"x-amz-security-token", b"signature"})


def text(value: str | None) -> str:
    """A value, ``-`` for none."""
    if not value:
        return "-"
    return value if _PLAIN.fullmatch(value) else quote(value, safe=_VISIBLE.replace("%", ""), errors="backslashreplace")


def uri(path: bytes, query: bytes) -> str:
    """A request's URI as it was sent, but for the values that sign it."""
    if query:
        path += b"?" + b"&".join(map(_parameter, query.split(b"&")))
    return _HIDDEN.sub(lambda found: b"%%%02X" % ord(found[0]), path).decode()


def moment(seconds: float) -> str:
    """A time in the local zone, in brackets: ``[02/January/2006:15:04:05 -0700]``. It holds the one other space."""
    return time.strftime("[%d/%B/%Y:%H:%M:%S %z]", time.localtime(seconds))


def milliseconds(seconds: float) -> str:
    """A duration."""
    return str(max(0, round(seconds * 1000)))


def raw(scope: Any) -> str:
    """The URI of an ASGI scope."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    return uri(path.partition(b"?")[0], scope.get("query_string", b""))


def _parameter(pair: bytes) -> bytes:
    name, equals, _ = pair.partition(b"=")
    return name + b"=-" if equals and unquote_to_bytes(name).lower() in _SECRET else pair
