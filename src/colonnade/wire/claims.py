"""What a request claims about its signer, read from the Authorization header or the query; nothing verified."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.wire.request import Request

#: Seven days, in seconds: the longest a presigned request may live.
MAX_EXPIRES = 604_800

_HEX = re.compile(r"[0-9a-f]{64}")
_ISO_BASIC = re.compile(r"\d{8}T\d{6}Z")
_QUERY = (
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
)
_KINDS = {
    sigv4.UNSIGNED,
    sigv4.STREAMING_UNSIGNED_TRAILER,
    sigv4.STREAMING_SIGNED,
    sigv4.STREAMING_SIGNED_TRAILER,
}
_VERSION_2 = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_SESSIONS = "The provided token is malformed or otherwise not valid: temporary credentials are not supported here."


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's claim to have signed. `expires` is in seconds, None for a signature in the header."""

    access: str
    scope: str
    timestamp: str
    time: datetime
    signed_headers: frozenset[str]
    signature: str
    payload: str
    expires: int | None = None

    def malformed(self, message: str, **fields: Any) -> S3Error:
        """The error for a part of the credential that is not what this endpoint expects."""
        if self.expires is None:
            return S3Error(
                "AuthorizationHeaderMalformed", f"The authorization header is malformed; {message}", **fields
            )
        return _query_error(f"Error parsing the X-Amz-Credential parameter; {message}", **fields)


def read(request: Request) -> Claim | None:
    """The claim a request makes, None where it makes none. Raises S3Error for one that can't be read."""
    header = request.headers.get("authorization")
    in_query = any(name in request.params for name in ("X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Credential"))
    if "x-amz-security-token" in request.headers or "X-Amz-Security-Token" in request.params:
        raise S3Error("InvalidToken", _SESSIONS)
    if header is not None and in_query:
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
        return _from_query(request.params)
    if "Signature" in request.params and "AWSAccessKeyId" in request.params:
        raise S3Error("InvalidRequest", _VERSION_2)
    return None


def _from_header(header: str, request: Request) -> Claim:
    scheme, _, rest = header.partition(" ")
    if scheme == "AWS":
        raise S3Error("InvalidRequest", _VERSION_2)
    if scheme != sigv4.ALGORITHM:
        raise S3Error(
            "InvalidArgument",
            "Unsupported Authorization Type",
            ArgumentName="Authorization",
            ArgumentValue=header,
        )
    parts = dict(_pair(piece) for piece in rest.split(","))
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise _header_error(f"the header is missing a required component: {name}")
    access, scope = _credential(parts["Credential"], _header_error)
    timestamp, time = _date(request.headers)
    return Claim(
        access,
        scope,
        timestamp,
        time,
        _names(parts["SignedHeaders"]),
        parts["Signature"],
        _payload(request.headers),
    )


def _from_query(params: Mapping[str, str]) -> Claim:
    if any(not params.get(name) for name in _QUERY):
        raise _query_error(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
            "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    if params["X-Amz-Algorithm"] != sigv4.ALGORITHM:
        raise _query_error(f'X-Amz-Algorithm only supports "{sigv4.ALGORITHM}"')
    access, scope = _credential(params["X-Amz-Credential"], _query_error)
    timestamp = params["X-Amz-Date"]
    if not _ISO_BASIC.fullmatch(timestamp):
        raise _query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    payload = params.get("X-Amz-Content-Sha256", sigv4.UNSIGNED)
    return Claim(
        access,
        scope,
        timestamp,
        _time(timestamp, _query_error),
        _names(params["X-Amz-SignedHeaders"]),
        params["X-Amz-Signature"],
        payload if _HEX.fullmatch(payload) else sigv4.UNSIGNED,
        _expires(params["X-Amz-Expires"]),
    )


def _pair(piece: str) -> tuple[str, str]:
    name, _, value = piece.strip().partition("=")
    return name, value


def _names(text: str) -> frozenset[str]:
    return frozenset(text.lower().split(";"))


def _credential(text: str, error: Any) -> tuple[str, str]:
    """Access key and scope; the access key itself may hold slashes."""
    pieces = text.rsplit("/", 4)
    if len(pieces) != 5 or not all(pieces):
        raise error(
            "the Credential is mal-formed; expecting "
            f'"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request" and got "{text}".'
        )
    return pieces[0], "/".join(pieces[1:])


def _date(headers: Mapping[str, str]) -> tuple[str, datetime]:
    """The time of signing, from x-amz-date (ISO basic) or Date (that, or as HTTP writes dates)."""
    given = headers.get("x-amz-date") or headers.get("date") or ""
    if _ISO_BASIC.fullmatch(given):
        return given, _time(given, lambda _: S3Error("AccessDenied"))
    try:
        time = parsedate_to_datetime(given).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        raise S3Error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header") from None
    return time.strftime("%Y%m%dT%H%M%SZ"), time


def _time(timestamp: str, error: Any) -> datetime:
    try:
        return datetime.strptime(timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise error(f"{timestamp} is no date") from None


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


def _payload(headers: Mapping[str, str]) -> str:
    given = headers.get("x-amz-content-sha256")
    if given is None:
        raise S3Error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    if given in (sigv4.STREAMING_ECDSA, sigv4.STREAMING_ECDSA_TRAILER):
        raise S3Error("NotImplemented", "Signatures of kind SigV4A are not supported here.")
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


def _query_error(message: str, **fields: Any) -> S3Error:
    return S3Error("AuthorizationQueryParametersError", message, **fields)
