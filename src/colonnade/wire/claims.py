"""What a request claims about its signer, read from the Authorization header or the query; nothing verified."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.wire.request import Request

#: Seven days, in seconds: the longest a presigned request may live.
MAX_EXPIRES = 604_800

_HEX = re.compile(r"[0-9a-f]{64}")
_ISO_BASIC = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_QUERY = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
_parts = itemgetter(*_QUERY)
#: Any of these says that the request means to be signed in its query.
_NAMED = frozenset({"X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"})
_COMPONENTS = {"Credential", "SignedHeaders"}
_COMPONENTS_MISSING = "the authorization header requires three components: Credential, SignedHeaders, and Signature."
_KINDS = {
    sigv4.UNSIGNED,
    sigv4.STREAMING_UNSIGNED_TRAILER,
    sigv4.STREAMING_SIGNED,
    sigv4.STREAMING_SIGNED_TRAILER,
}
_USUAL = (sigv4.EMPTY_SHA256, sigv4.UNSIGNED)
VERSION_2 = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_VERSION_4A = "Signatures of kind SigV4A are not supported here."
_ECDSA = "AWS4-ECDSA-P256-SHA256"
SESSIONS = "The provided token is malformed or otherwise not valid: temporary credentials are not supported here."


@dataclass(slots=True)
class Claim:
    """Somebody's claim to have signed.

    `signed_at` is in seconds since the epoch; `expires` in seconds, None for a signature in the header.
    """

    access: str
    scope: str
    timestamp: str
    signed_at: float
    signed_headers: frozenset[str]
    signature: str
    payload: str
    expires: int | None = None

    @property
    def scope_error(self) -> Callable[..., S3Error]:
        """Makes the error for a part of the credential that is not what this endpoint expects."""
        return _header_error if self.expires is None else _credential_error

    @property
    def date_error(self) -> Callable[..., S3Error]:
        """Makes the error for a credential of another day; S3 words it shorter in the query."""
        return _header_error if self.expires is None else _query_error


def read(request: Request) -> Claim | None:
    """The claim a request makes, None where it makes none. Raises S3Error for one that can't be read."""
    header, params = request.headers.get("authorization"), request.params
    in_query = not _NAMED.isdisjoint(params)
    if "x-amz-security-token" in request.headers or "X-Amz-Security-Token" in params:
        raise S3Error("InvalidToken", SESSIONS)
    if header is not None and (in_query or "Signature" in params):
        raise S3Error(
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
            "parameter or the Authorization header should be specified",
            ArgumentName="Authorization",
            ArgumentValue=header,
        )
    if header is not None:
        return _from_header(header, request)
    if in_query:
        return _from_query(params, request.headers)
    if "Signature" in params and "AWSAccessKeyId" in params:
        raise S3Error("InvalidRequest", VERSION_2)
    return None


def _from_header(header: str, request: Request) -> Claim:
    scheme, _, rest = header.partition(" ")
    if scheme == "AWS":
        raise S3Error("InvalidRequest", VERSION_2)
    if scheme == _ECDSA:
        raise S3Error("NotImplemented", _VERSION_4A)
    if scheme != sigv4.ALGORITHM:
        raise S3Error(
            "InvalidArgument",
            "Unsupported Authorization Type",
            ArgumentName="Authorization",
            ArgumentValue=header,
        )
    signer, named, signature = rest.rpartition("Signature=")
    if not named or "," in signature:  # not in the usual order
        signer, signature = _reordered(rest)
    if not signature:
        raise _header_error(_COMPONENTS_MISSING)
    access, scope, names = _signer(signer)
    timestamp, signed_at = _date(request.headers)
    payload = _payload(request.headers.get("x-amz-content-sha256"))
    return Claim(access, scope, timestamp, signed_at, names, signature.strip(), payload)


def _reordered(rest: str) -> tuple[str, str]:
    """What an Authorization header says but for the signature, and that."""
    pieces = [piece.strip() for piece in rest.split(",")]
    signature = next((piece for piece in pieces if piece.startswith("Signature=")), "")
    return ",".join(piece for piece in pieces if piece != signature), signature.removeprefix("Signature=")


@lru_cache(maxsize=1024)
def _signer(text: str) -> tuple[str, str, frozenset[str]]:
    """Access key, scope and names of the signed headers, which a client sends alike all day. Raises S3Error."""
    parts = dict(_pair(piece) for piece in text.split(",") if piece.strip())
    if parts.keys() != _COMPONENTS:
        raise _header_error(_COMPONENTS_MISSING)
    access, scope = _credential(parts["Credential"], _header_error)
    return access, scope, _names(parts["SignedHeaders"])


def _from_query(params: Mapping[str, str], headers: Mapping[str, str]) -> Claim:
    try:
        algorithm, credential, signature, timestamp, names, expires = parts = _parts(params)
    except KeyError:
        raise _incomplete() from None
    if "" in parts:
        raise _incomplete()
    if algorithm == _ECDSA:
        raise S3Error("NotImplemented", _VERSION_4A)
    if algorithm != sigv4.ALGORITHM:
        raise _query_error(f'X-Amz-Algorithm only supports "{sigv4.ALGORITHM}"')
    access, scope = _credential(credential, _credential_error)
    signed_at = iso_basic(timestamp)
    if signed_at is None:
        raise _query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    # Nothing is said of the payload as a rule; the JavaScript SDK says it in the query, minio-go in the header.
    payload = params.get("X-Amz-Content-Sha256") or headers.get("x-amz-content-sha256") or sigv4.UNSIGNED
    return Claim(
        access,
        scope,
        timestamp,
        signed_at,
        _names(names),
        signature,
        _payload(payload),
        _expires(expires),
    )


def read_form(fields: Mapping[str, str]) -> Claim:
    """The claim that a form makes of its policy; all fields of one are there. Raises S3Error as `read` does."""
    if "x-amz-security-token" in fields:
        raise S3Error("InvalidToken", SESSIONS)
    if fields["x-amz-algorithm"] == _ECDSA:
        raise S3Error("NotImplemented", _VERSION_4A)
    if fields["x-amz-algorithm"] != sigv4.ALGORITHM:
        raise _query_error(f'X-Amz-Algorithm only supports "{sigv4.ALGORITHM}"')
    access, scope = _credential(fields["x-amz-credential"], _credential_error)
    timestamp = fields["x-amz-date"]
    signed_at = iso_basic(timestamp)
    if signed_at is None:
        raise _query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    return Claim(access, scope, timestamp, signed_at, frozenset(), fields["x-amz-signature"], sigv4.UNSIGNED, 0)


def _incomplete() -> S3Error:
    return _query_error(
        "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
        "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
    )


def _pair(piece: str) -> tuple[str, str]:
    name, _, value = piece.strip().partition("=")
    return name, value


@lru_cache(maxsize=1024)
def _names(text: str) -> frozenset[str]:
    return frozenset(text.lower().split(";"))


@lru_cache(maxsize=1024)
def _credential(text: str, error: Callable[[str], S3Error]) -> tuple[str, str]:
    """Access key and scope; the access key itself may hold slashes."""
    access, *scope = text.rsplit("/", 4)
    if len(scope) != 4:
        raise error('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    if not access:
        raise error("a non-empty Access Key (AKID) must be provided in the credential.")
    return access, "/".join(scope)


def _date(headers: Mapping[str, str]) -> tuple[str, float]:
    """The time of signing, from x-amz-date (ISO basic) or Date (that, or as HTTP writes dates)."""
    given = headers.get("x-amz-date") or headers.get("date") or ""
    signed_at = iso_basic(given)
    if signed_at is not None:
        return given, signed_at
    try:
        time = parsedate_to_datetime(given)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header") from None
    # A zone of -0000 is UTC that does not say where it was written.
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    return time.strftime("%Y%m%dT%H%M%SZ"), time.timestamp()


@lru_cache(maxsize=1024)
def iso_basic(text: str) -> float | None:
    """``20130524T000000Z`` in seconds since the epoch, None if it is anything else."""
    match = _ISO_BASIC.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _expires(text: str) -> int:
    if not (text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()):
        raise _query_error("X-Amz-Expires should be a number")
    if text.startswith("-"):
        raise _query_error("X-Amz-Expires must be non-negative")
    if len(text) > 9 or int(text) > MAX_EXPIRES:
        raise _query_error(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires "
            f"must be less than {MAX_EXPIRES} seconds"
        )
    return int(text)


def _payload(given: str | None) -> str:
    if given in _USUAL:
        return given
    if given is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    if given in (sigv4.STREAMING_ECDSA, sigv4.STREAMING_ECDSA_TRAILER):
        raise S3Error("NotImplemented", _VERSION_4A)
    if given not in _KINDS and not _HEX.fullmatch(given):
        raise S3Error(
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
            ArgumentName="x-amz-content-sha256",
            ArgumentValue=given,
        )
    return given


def _header_error(message: str, **fields: Any) -> S3Error:
    return S3Error("AuthorizationHeaderMalformed", f"The authorization header is malformed; {message}", **fields)


def _credential_error(message: str, **fields: Any) -> S3Error:
    return _query_error(f"Error parsing the X-Amz-Credential parameter; {message}", **fields)


def _query_error(message: str, **fields: Any) -> S3Error:
    return S3Error("AuthorizationQueryParametersError", message, **fields)
