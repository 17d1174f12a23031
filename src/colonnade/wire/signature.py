"""Who signed this request? Verifies SigV4, in the header or in the query.

Codes and sentences are Amazon's ("Authenticating Requests", "List of error codes"). Verifying touches nothing
but the request's head, so that a refused upload is refused before it is sent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Accounts
from colonnade.remembered import Remembered
from colonnade.wire import claims, query, verified
from colonnade.wire.claims import Claim
from colonnade.wire.request import Request

#: Seconds a client's clock may be off.
MAX_SKEW = 900

#: Wrong signatures remembered in each of two generations, so that the same ones again cost little: up to 32 KiB each.
MOST_WRONG = 128

_wrong: Remembered[tuple[bytes, str, bytes, str], dict[str, Any]] = Remembered(MOST_WRONG)


@dataclass(slots=True)
class Signed:
    """A verified signature, and what the body needs to verify its own: see :mod:`colonnade.wire.payload`.

    `kind` is where the signature stood. `payload` is what the request says of its body: a SHA-256 in hex, or
    one of sigv4's payload kinds.
    """

    account: Account
    kind: Literal["header", "query"]
    payload: str
    timestamp: str
    scope: str
    key: bytes
    signature: str


async def verify(request: Request, accounts: Accounts, *, region: str, now: float) -> Signed | None:
    """The verified signer of `request`, None if it is anonymous. `now` is in seconds since the epoch.

    Raises S3Error for a signature that is wrong, too old, for another region or by nobody known.
    """
    known = verified.find(request, region) if request.query_string else None
    if known is not None:
        claim = known.claim
        _check_time(claim, now)
    else:
        read = claims.read(request)
        if read is None:
            return None
        claim = read
        _check_scope(claim, region)
        _check_time(claim, now)
        _check_signed_headers(claim, request)
    account = await accounts.get(claim.access)
    if account is None:
        raise S3Error("InvalidAccessKeyId", AWSAccessKeyId=claim.access)
    key = sigv4.signing_key(account.secret, claim.timestamp[:8], region)
    if known is None or known.secret != account.secret:
        _check_signature(claim, request, key)
        verified.remember(request, claim, region, account.secret)
    kind: Literal["header", "query"] = "header" if claim.expires is None else "query"
    return Signed(account, kind, claim.payload, claim.timestamp, claim.scope, key, claim.signature)


async def verify_form(fields: Mapping[str, str], accounts: Accounts, *, region: str) -> Account:
    """Who signed a form's policy ("Authenticating Requests in Browser-Based Uploads Using POST").

    How long it is good for the policy itself says. Raises S3Error as `verify` does.
    """
    claim = claims.read_form(fields)
    _check_scope(claim, region)
    account = await accounts.get(claim.access)
    if account is None:
        raise S3Error("InvalidAccessKeyId", AWSAccessKeyId=claim.access)
    text = fields["policy"]
    key = sigv4.signing_key(account.secret, claim.timestamp[:8], region)
    if not sigv4.same(sigv4.signature(key, text), claim.signature):
        raise S3Error(
            "SignatureDoesNotMatch",
            AWSAccessKeyId=claim.access,
            StringToSign=text,
            SignatureProvided=claim.signature,
            StringToSignBytes=text.encode().hex(" "),
        )
    return account


def _check_signature(claim: Claim, request: Request, key: bytes) -> None:
    canonical = _canonical(claim, request, sigv4.canonical_path(request.raw_path))
    text = sigv4.string_to_sign(claim.timestamp, claim.scope, canonical)
    if sigv4.same(sigv4.signature(key, text), claim.signature):
        return
    # All that the answer depends on: not the signature alone, which may be right of another request.
    asked = (key, text, request.raw_path, claim.signature)
    fields = _wrong.get(asked)
    if fields is None:
        if _signed_as_sent(claim, request, key):
            return
        fields = {
            "StringToSignBytes": text.encode().hex(" "),
            "CanonicalRequest": canonical,
            "CanonicalRequestBytes": canonical.encode().hex(" "),
        }
        _wrong.put(asked, fields)
    provided: dict[str, Any] = {
        "AWSAccessKeyId": claim.access,
        "StringToSign": text,
        "SignatureProvided": claim.signature,
    }
    raise S3Error("SignatureDoesNotMatch", **provided, **fields)


def _signed_as_sent(claim: Claim, request: Request, key: bytes) -> bool:
    """Whether the path was signed just as it was sent, where that is not S3's own encoding of it.

    Some clients leave ``+`` or ``(`` plain in both, or write a slash of the key as ``%2F``.
    """
    path = request.raw_path.decode("latin-1")
    if not path.isascii() or path == sigv4.canonical_path(request.raw_path):
        return False
    text = sigv4.string_to_sign(claim.timestamp, claim.scope, _canonical(claim, request, path))
    return sigv4.same(sigv4.signature(key, text), claim.signature)


def _canonical(claim: Claim, request: Request, path: str) -> str:
    text = query.canonical(request.query)
    return sigv4.canonical_request(request.method, path, text, request.headers, claim.signed_headers, claim.payload)


def _check_scope(claim: Claim, region: str) -> None:
    if claim.scope == f"{claim.timestamp[:8]}/{region}/s3/aws4_request":
        return
    date, given_region, service, terminator = claim.scope.split("/")
    if date != claim.timestamp[:8]:
        raise claim.date_error(
            f'Invalid credential date "{date}". This date is not the same as X-Amz-Date: "{claim.timestamp[:8]}".'
        )
    if given_region != region:
        raise claim.scope_error(f"the region '{given_region}' is wrong; expecting '{region}'", Region=region)
    if service != "s3":
        raise claim.scope_error(f'incorrect service "{service}". This endpoint belongs to "s3".')
    if terminator != "aws4_request":
        raise claim.scope_error(f'incorrect terminal "{terminator}". This endpoint uses "aws4_request".')


def _check_time(claim: Claim, now: float) -> None:
    signed_at = claim.signed_at
    if claim.expires is None:
        if abs(now - signed_at) > MAX_SKEW:
            raise S3Error(
                "RequestTimeTooSkewed",
                RequestTime=claim.timestamp,
                ServerTime=_iso(now),
                MaxAllowedSkewMilliseconds=MAX_SKEW * 1000,
            )
        return
    if signed_at - now > MAX_SKEW:
        raise S3Error("AccessDenied", "Request is not valid yet", ServerTime=_iso(now))
    if now > signed_at + claim.expires:
        fields: dict[str, Any] = {
            "X-Amz-Expires": claim.expires,
            "Expires": _iso(signed_at + claim.expires),
            "ServerTime": _iso(now),
        }
        raise S3Error("AccessDenied", "Request has expired", **fields)


def _check_signed_headers(claim: Claim, request: Request) -> None:
    """Host, sent or not, and every x-amz- header must be signed, else anybody on the way could change what is asked."""
    signed = claim.signed_headers
    missing = [name for name in request.headers if name not in signed and name.startswith("x-amz-")]
    if "host" not in signed:  # HTTP/1.0 may send none: signed, it is empty
        missing.insert(0, "host")
    if missing:
        raise S3Error(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            HeadersNotSigned=", ".join(missing),
        )


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
