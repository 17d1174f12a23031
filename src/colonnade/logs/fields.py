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

_PLAIN, _VISIBLE = re.compile(r"[!-$&-~]+"), re.compile(rb"[!-~]*")
_HIDDEN, _HIDDEN_OR_PERCENT = re.compile(rb"[^!-~]"), re.compile(rb"[^!-$&-~]")

#: Parameters whose values open doors: what else is in a URL anybody may know.
_SECRET = frozenset({b"x-amz-signature", b"x-amz-security-token", b"signature"})
_SIGNS = re.compile(rb"(?<![\w-])(?:%s)=" % b"|".join(_SECRET), re.IGNORECASE)
#: Who a URL says it is asked by: ``https://user:password@host``. What should be encoded in a password often isn't, so
#: whatever may be one ends at the last ``@``.
_USER, _PASSWORD = re.compile(r"(?<=//)[^/?#\s@]*@"), re.compile(r"//[^/?#@:]*:")
#: Without one of these nothing signs, and there is no password; and where a URL's path ends.
_MARK, _END = re.compile(r"[?#@%=]"), re.compile(r"[?#@]")
#: How often a URL may be encoded in another.
_DEEP = 3


def text(value: str) -> str:
    """A value, ``-`` for none."""
    if not value:
        return "-"
    return value if _PLAIN.fullmatch(value) else _encoded(value)


def cleaned(value: str) -> str:
    """What a client says in a header: of URLs in it nothing that opens doors."""
    if _MARK.search(value) is None:
        return value
    return " ".join(_word(_without_password(word)) for word in value.split(" "))


def uri(path: bytes, query: bytes) -> str:
    """A request's URI as it was sent, but for the values that sign it."""
    if query:
        path = b"%s?%s" % (path, _without_signature(query))
    return (path if _VISIBLE.fullmatch(path) else _HIDDEN.sub(_percent, path)).decode()


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


def _word(word: str) -> str:
    """A word that may be a URL, without what signs it, or signs one that is encoded in it."""
    found = _END.search(word)
    path, mark = (word, "") if found is None else (word[: found.start()], found[0])
    query = word[len(path) + len(mark) :].encode(errors="backslashreplace")
    if _signs(path.encode(errors="backslashreplace")):
        path = "-"
    return path + mark + _without_signature(query).decode(errors="backslashreplace")


def _without_password(word: str) -> str:
    before, at, after = word.rpartition("@")
    if not at:
        return word
    found = _PASSWORD.search(before)
    if found is not None:
        word = f"{before[: found.start()]}//-@{after}"
    return _USER.sub("-@", word)


def _without_signature(query: bytes) -> bytes:
    shown = [
        _parameter(pair) if len(pair) > _LONG or pair.startswith(_OWN) else _remembered(pair)
        for pair in query.split(b"&")
    ]
    return b"&".join(shown)


def _parameter(pair: bytes) -> bytes:
    """A parameter; one that signs, or holds a URL that is signed, without its value, or its name if that holds it."""
    if not _signs(pair):
        return pair
    name = pair.partition(b"=")[0]
    return b"-" if _signs(name) else name + b"=-"


def _signs(query: bytes) -> bool:
    """Whether there is something in a query that signs, however it is encoded."""
    for _ in range(_DEEP):
        if _SIGNS.search(query):
            return True
        if b"%" not in query:
            return False
        query = unquote_to_bytes(query)
    return _SIGNS.search(query) is not None


#: Most parameters come again with every request, but for what signs it.
_remembered = lru_cache(maxsize=1024)(_parameter)
_OWN, _LONG = b"X-Amz-Signature=", 128
