"""User metadata that isn't ASCII, by Amazon's rule.

"Values of such headers are character decoded as per RFC 2047 before storing and encoded as per RFC 2047 to make
them mail-safe before returning. If the string contains only US-ASCII characters, it is presented as it is."
(Amazon S3 User Guide, Working with object metadata.)
"""

from __future__ import annotations

import base64
import binascii
import re

_WORD = re.compile(r"=\?([A-Za-z0-9_.:-]+)\?([bBqQ])\?([!->@-~]*)\?=")
_BETWEEN = re.compile(r"(?<=\?=)[ \t]+(?==\?)")
#: Not any codec of Python: some of them do more than decode.
_CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")


def encode(value: str) -> str:
    """Printable ASCII as it is, all else as one encoded word: so no stored value can end a header line."""
    if value.isascii() and value.isprintable():
        return value
    return f"=?UTF-8?B?{base64.b64encode(value.encode('utf-8', 'replace')).decode()}?="


def decode(value: str) -> str:
    """A header's value with its encoded words decoded; what isn't one, or can't be decoded, stays."""
    if "=?" not in value:
        return value
    return _WORD.sub(_decoded, _BETWEEN.sub("", value))


def _decoded(word: re.Match[str]) -> str:
    charset, kind, text = word.groups()
    if charset.lower() not in _CHARSETS:
        return word[0]
    try:
        if kind in "bB":
            return base64.b64decode(text, validate=True).decode(charset)
        raw = text.replace("_", " ").encode("ascii")
        return _HEX.sub(lambda match: bytes.fromhex(match[1].decode()), raw).decode(charset)
    except (binascii.Error, UnicodeError, LookupError):
        return word[0]
