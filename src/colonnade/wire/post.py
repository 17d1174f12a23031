"""POST Object: a form's upload as the PutObject it means, and S3's answers to browsers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Accounts
from colonnade.model import OPERATIONS
from colonnade.wire import claims, document, form, formpolicy, markup, signature
from colonnade.wire.address import Target
from colonnade.wire.form import Form
from colonnade.wire.render import Response
from colonnade.wire.request import Request

#: What a signed form must have; one that has none of them is anonymous.
_SIGNED = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")

#: Fields that are headers of PutObject by another or the same name, beside those that start with x-amz-.
_HEADERS = {
    "acl": "x-amz-acl",
    **{name: name for name in ("cache-control", "content-type", "content-disposition", "content-encoding")},
    **{name: name for name in ("content-language", "expires")},
}

_COPYING = "x-amz-copy-source"


async def read(request: Request, body: Body) -> Form:
    """The form, its key complete. Raises S3Error for a form that S3 would not take."""
    posted = await form.read(request, body)
    if not posted.fields.get("key"):
        raise _missing("key")
    posted.fields["key"] = posted.fields["key"].replace("${filename}", posted.filename)
    if not posted.fields["key"]:  # a file without a name
        raise _missing("key")
    return posted


async def signer(posted: Form, bucket: str, accounts: Accounts, *, region: str, now: float) -> Account | None:
    """Who signed a form's policy, None if nobody did; what the policy says of the form holds.

    The file is bound to the policy's sizes. Raises S3Error for a wrong signature or a form not allowed.
    """
    fields = posted.fields
    if "awsaccesskeyid" in fields or "signature" in fields:
        raise S3Error("InvalidRequest", claims.VERSION_2)
    if not any(name in fields for name in _SIGNED):
        return None
    for name in _SIGNED:
        if name not in fields:
            raise _missing(name)
    account = await signature.verify_form(fields, accounts, region=region)
    policy = formpolicy.read(fields["policy"])
    policy.check({**fields, "bucket": bucket}, now)
    if policy.sizes is not None:
        posted.file = formpolicy.Sized(posted.file, policy.sizes)
    return account


def put_request(request: Request, posted: Form) -> Request:
    """The PutObject request that a form means: nothing is copied by one."""
    headers = {"host": request.headers.get("host", "")}
    for name, value in posted.fields.items():
        if name in _HEADERS:
            headers[_HEADERS[name]] = value
        elif name == "tagging":
            headers["x-amz-tagging"] = _tagging(value)
        elif name.startswith("x-amz-") and not name.startswith(_COPYING) and name not in _SIGNED:
            headers[name] = value
    return Request("PUT", request.raw_path, b"", headers, request.scheme, request.client, request.mount)


def _tagging(text: str) -> str:
    """The tags of a form are XML; those of a header are a query."""
    payload = OPERATIONS["PutObjectTagging"].input.payload
    assert payload is not None
    tags = document.read(text.encode(), payload)["TagSet"]
    return urlencode([(tag["Key"], tag["Value"]) for tag in tags])


def render(request: Request, target: Target, fields: Mapping[str, str], put: Response, etag: str) -> Response:
    """The answer to a form: a redirect, or the status it asks for. `put` is the answer PutObject would give."""
    lines = [line for line in put.headers if line[0] != b"content-length"]
    bucket, key = target.bucket or "", target.key or ""
    redirect = _redirect(fields.get("success_action_redirect") or fields.get("redirect"))
    if redirect is not None:
        query = urlencode({"bucket": bucket, "key": key, "etag": etag}, quote_via=quote)
        address = f"{redirect}{'&' if urlsplit(redirect).query else '?'}{query}"
        return Response(303, [*lines, (b"location", address.encode()), (b"content-length", b"0")], b"")
    host, path = request.headers.get("host", ""), request.raw_path.decode("latin-1").rstrip("/")
    location = f"{request.scheme}://{host}{path}/{quote(key)}"
    lines.append((b"location", location.encode()))
    status = fields.get("success_action_status")
    if status == "201":
        body = _document({"Location": location, "Bucket": bucket, "Key": key, "ETag": etag})
        kind = (b"content-type", b"application/xml")
        return Response(201, [*lines, kind, (b"content-length", b"%d" % len(body))], body)
    if status == "200":
        return Response(200, [*lines, (b"content-length", b"0")], b"")
    return Response(204, lines, b"")


def _document(values: Mapping[str, Any]) -> bytes:
    inside = "".join(f"<{name}>{markup.escape(value)}</{name}>" for name, value in values.items())
    return f"{markup.HEADER}<PostResponse>{inside}</PostResponse>".encode()


def _redirect(text: str | None) -> str | None:
    """An address to send the browser to; S3 takes one it can't understand as if it weren't there."""
    if not text or not text.isascii() or not text.isprintable():
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in ("http", "https") and parts.netloc else None


def _missing(name: str) -> S3Error:
    return S3Error(
        "InvalidArgument",
        f"Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields.",
        ArgumentName=name,
        ArgumentValue="",
    )
