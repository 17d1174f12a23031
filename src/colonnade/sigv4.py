"""The arithmetic of AWS Signature Version 4, as S3 uses it.

Pure: the verifying side (the wire) and the signing side (a client of another S3 service) share it. Source:
Amazon S3 API reference, "Authenticating Requests (AWS Signature Version 4)".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()

UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMING_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
STREAMING_SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMING_SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
STREAMING_ECDSA = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
STREAMING_ECDSA_TRAILER = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"

_SPACES = re.compile(r" {2,}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")
_PLAIN = re.compile(rb"[A-Za-z0-9._~/-]+")


def canonical_path(raw_path: bytes) -> str:
    """The path as S3 signs it: decoded and encoded once, slashes kept, nothing normalised."""
    if _PLAIN.fullmatch(raw_path):
        return raw_path.decode()
    return quote(unquote_to_bytes(raw_path), safe="/~") or "/"


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Decoded query pairs, encoded and sorted; the signature itself is left out."""
    encoded = [(encode(name), encode(value)) for name, value in pairs if name != "X-Amz-Signature"]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def encode(text: str) -> str:
    """Percent-encoded as AWS wants it; most names and values need no encoding, and looking costs less."""
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="~")


def canonical_request(
    method: str,
    path: str,
    query: str,
    headers: Mapping[str, str],
    signed_headers: Iterable[str],
    payload: str,
) -> str:
    """The text that is hashed. `headers` have lower-case names; `path` and `query` are canonical."""
    names, named = _ordered(frozenset(signed_headers))
    lines = "".join([f"{name}:{headers.get(name, '')}\n" for name in names])
    if " " in lines or "\t" in lines:  # most have none
        lines = "".join([f"{name}:{_trim(headers.get(name, ''))}\n" for name in names])
    return f"{method}\n{path}\n{query}\n{lines}\n{named}\n{payload}"


@lru_cache(maxsize=1024)
def _ordered(names: frozenset[str]) -> tuple[list[str], str]:
    """Names of signed headers in their order, and in one line; most clients sign the same ones every time."""
    ordered = sorted(names)
    return ordered, ";".join(ordered)


def _trim(value: str) -> str:
    """A header's value without space around it, and one space for several (other white space is content)."""
    value = value.strip(" \t")
    return _SPACES.sub(" ", value) if "  " in value else value


def string_to_sign(timestamp: str, scope: str, canonical: str) -> str:
    """`timestamp` is ISO basic (``20130524T000000Z``), `scope` is ``date/region/service/aws4_request``."""
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


@lru_cache(maxsize=1024)
def signing_key(secret: str, date: str, region: str, service: str = "s3") -> bytes:
    """The key of one day, region and service."""
    key = b"AWS4" + secret.encode()
    for step in (date, region, service, "aws4_request"):
        key = hmac.digest(key, step.encode(), "sha256")
    return key


def signature(key: bytes, text: str) -> str:
    """A string to sign, signed; hexadecimal."""
    inner, outer = _begun(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(text.encode())
    outer.update(inner.digest())
    return outer.hexdigest()


@lru_cache(maxsize=1024)
def _begun(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Both hashes of an HMAC (RFC 2104) with a signing key, which is good for a day: the key is in them already.

    To begin anew with each text costs as much again as all the rest.
    """
    block = (key if len(key) <= 64 else hashlib.sha256(key).digest()).ljust(64, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in block)), hashlib.sha256(bytes(byte ^ 0x5C for byte in block))


def same(computed: str, given: str) -> bool:
    """Whether two signatures are the same, in constant time; `given` may be anything a client sends."""
    return hmac.compare_digest(computed.encode(), given.encode())


def chunk_string_to_sign(timestamp: str, scope: str, previous: str, data_sha256: str) -> str:
    """What a chunk of a signed aws-chunked body signs."""
    return f"{ALGORITHM}-PAYLOAD\n{timestamp}\n{scope}\n{previous}\n{EMPTY_SHA256}\n{data_sha256}"


def trailer_string_to_sign(timestamp: str, scope: str, previous: str, trailer: bytes) -> str:
    """What the trailer of a signed aws-chunked body signs; `trailer` is its ``name:value\\n`` lines."""
    digest = hashlib.sha256(trailer).hexdigest()
    return f"{ALGORITHM}-TRAILER\n{timestamp}\n{scope}\n{previous}\n{digest}"


def sign_headers(
    method: str,
    raw_path: bytes,
    query: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    *,
    access: str,
    secret: str,
    region: str,
    timestamp: str,
    payload: str,
    service: str = "s3",
) -> str:
    """The Authorization header of a request whose every given header is to be signed.

    `headers` have lower-case names, host and x-amz-date among them; `query` holds decoded pairs.
    """
    scope = f"{timestamp[:8]}/{region}/{service}/aws4_request"
    canonical = canonical_request(method, canonical_path(raw_path), canonical_query(query), headers, headers, payload)
    signed = signature(signing_key(secret, timestamp[:8], region, service), string_to_sign(timestamp, scope, canonical))
    return f"{ALGORITHM} Credential={access}/{scope}, SignedHeaders={';'.join(sorted(headers))}, Signature={signed}"


def presign(
    method: str,
    raw_path: bytes,
    query: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    *,
    access: str,
    secret: str,
    region: str,
    timestamp: str,
    expires: int,
    payload: str = UNSIGNED,
    service: str = "s3",
) -> str:
    """The query string of a presigned request that is good for `expires` seconds from `timestamp` on.

    Whoever uses it must send all of `headers`, host among them, as given.
    """
    scope = f"{timestamp[:8]}/{region}/{service}/aws4_request"
    pairs = [
        *query,
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", f"{access}/{scope}"),
        ("X-Amz-Date", timestamp),
        ("X-Amz-Expires", str(expires)),
        ("X-Amz-SignedHeaders", ";".join(sorted(headers))),
    ]
    text = canonical_query(pairs)
    canonical = canonical_request(method, canonical_path(raw_path), text, headers, headers, payload)
    signed = signature(signing_key(secret, timestamp[:8], region, service), string_to_sign(timestamp, scope, canonical))
    return f"{text}&X-Amz-Signature={signed}"
