"""Continuation tokens: where a listing goes on, as a word that clients can't and needn't read.

A token carries a position and a check sum, so that any worker, and any Colonnade over the same data, can go
on from it, and anything else that is sent as a token is refused as S3 refuses it.
"""

from __future__ import annotations

import base64
import binascii
import zlib

from colonnade.errors import S3Error

_WRONG = "The continuation token provided is incorrect"


def encode(position: str) -> str:
    """The token for a position."""
    data = position.encode()
    return base64.urlsafe_b64encode(zlib.crc32(data).to_bytes(4, "big") + data).rstrip(b"=").decode()


def decode(token: str, argument: str = "continuation-token") -> str:
    """The position in a token. Raises InvalidArgument for what `encode` never made."""
    try:
        data = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
        position = data[4:].decode()
    except (binascii.Error, UnicodeError):
        position, data = "", b""
    if len(data) < 4 or encode(position) != token:
        raise S3Error("InvalidArgument", _WRONG, ArgumentName=argument, ArgumentValue=token)
    return position
