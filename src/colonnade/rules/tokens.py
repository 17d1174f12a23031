"""Continuation tokens: where a listing goes on, as a word that clients can't and needn't read.

A token carries a position and a seal made with a key out of root's secret. So any worker, and any gateway with the
same root over the same data, can go on from it; anything else that is sent as a token is refused as S3 refuses it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from colonnade import context
from colonnade.errors import S3Error

#: Bytes of the seal: as hard to guess as the signature of a request.
SEAL = 16
#: No token of ours is longer: a position is a key of 1,024 bytes at the most, and little more.
LONGEST = 2048

_WRONG = "The continuation token provided is incorrect"


def key(secret: str) -> bytes:
    """The key that goes with a secret, which it does not tell."""
    return hmac.digest(secret.encode(), b"colonnade continuation token", hashlib.sha256)


def encode(position: str) -> str:
    """The token for a position, by the key of the request in hand."""
    data = position.encode()
    return _word(_seal(data) + data)


def decode(token: str, argument: str = "continuation-token") -> str:
    """The position in a token. Raises InvalidArgument for what `encode` never made with this key."""
    try:
        if len(token) > LONGEST:
            raise ValueError
        sealed = base64.b64decode(token.encode() + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
        seal, data = sealed[:SEAL], sealed[SEAL:]
        position = data.decode()
        genuine = hmac.compare_digest(seal, _seal(data)) and _word(sealed) == token
    except (binascii.Error, ValueError):  # of UTF-8 too
        genuine = False
    if not genuine:
        raise S3Error("InvalidArgument", _WRONG, ArgumentName=argument, ArgumentValue=token[:LONGEST])
    return position


def _word(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _seal(data: bytes) -> bytes:
    return hmac.digest(context.token_key(), data, hashlib.sha256)[:SEAL]
