"""Percent-encoding, strict on the way in and as S3 writes it on the way out."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from colonnade.errors import S3Error

_PLAIN = re.compile(r"[A-Za-z0-9_.~/*-]*")
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def decode(raw: bytes) -> str:
    """Decode percent-escapes; a plus stays one. Raises InvalidURI for a bad escape or what isn't UTF-8."""
    try:
        if b"%" not in raw:
            return raw.decode()
        if _BAD_ESCAPE.search(raw):
            raise S3Error("InvalidURI")
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise S3Error("InvalidURI") from None


def plain(text: str) -> bool:
    """Whether a text is encoded as it is."""
    return _PLAIN.fullmatch(text) is not None


def encode(text: str) -> str:
    """What ``encoding-type=url`` asks for: UTF-8 percent-encoded, slashes kept, plus encoded.

    S3 itself writes a space as ``+``; ``%20`` is read alike by clients that decode forms (botocore, rclone) and
    by those that decode URIs (browsers), so nobody can mistake it for a plus.
    """
    if plain(text):
        return text
    return quote(text, safe="/*", errors="surrogatepass")
