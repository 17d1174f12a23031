"""The administrator's API: PATCH requests on the S3 port, as the compatible gateway's administrators send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from colonnade.access import decide
from colonnade.access.state import Bucket
from colonnade.backend import Backend
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Role
from colonnade.iam.internal import DirectoryAccounts
from colonnade.wire import xml
from colonnade.wire.markup import HEADER, escape
from colonnade.wire.render import Response
from colonnade.wire.request import Request
from colonnade.wire.signature import Signed

#: More than any account takes.
MOST = 64 * 1024

PATHS = frozenset({b"/create-user", b"/update-user", b"/delete-user", b"/list-users", b"/list-buckets"})

#: Fields of Account by the elements of a body.
_ELEMENTS: Mapping[str, str] = {
    "Access": "access",
    "Secret": "secret",
    "Role": "role",
    "UserID": "user_id",
    "GroupID": "group_id",
    "ProjectID": "project_id",
}


def check(signed: Signed | None, path: bytes) -> None:
    """Before the body is read. Raises XAdminAccessDenied, and MethodNotAllowed for paths that aren't ours."""
    if signed is None or signed.kind != "header" or not decide.free(signed.account):
        raise S3Error("XAdminAccessDenied")
    if path not in PATHS:
        raise S3Error("MethodNotAllowed")


async def answer(request: Request, path: bytes, backend: Backend, accounts: object, body: bytes) -> Response:
    """Carry out one request that `check` let through. Raises S3Error."""
    if path == b"/list-buckets":
        return _response(200, await _buckets(backend))
    if not isinstance(accounts, DirectoryAccounts):
        raise S3Error("XAdminMethodNotSupported")
    if path == b"/list-users":
        return _response(200, _listed(await accounts.list()))
    if path == b"/create-user":
        fields = _fields(body, "Account")
        if not fields.get("access") or not fields.get("secret"):
            raise S3Error("XAdminInvalidArgument", "An account needs an access key and a secret.")
        if "role" not in fields:
            raise S3Error("XAdminInvalidArgument")
        await accounts.create(Account(**fields))
        return _response(201)
    access = request.params.get("access")
    if not access:
        raise S3Error("XAdminInvalidArgument", "Which account? Name it in the query: access=KEY.")
    if path == b"/update-user":
        fields = _fields(body, "MutableProps")
        if "access" in fields or fields.get("secret") == "":
            raise S3Error("XAdminInvalidArgument", "An access key can't be changed, and a secret is not empty.")
        await accounts.update(access, fields)
    else:
        await accounts.delete(access)
    return _response(200)


def _fields(body: bytes, root: str) -> dict[str, Any]:
    """The fields of an account in a body. Raises MalformedXML, XAdminInvalidArgument for a role there isn't."""
    document = xml.parse(body)
    if document.name != root:
        raise S3Error("MalformedXML")
    fields: dict[str, Any] = {}
    for element in document.children:
        name = _ELEMENTS.get(element.name)
        if name is None:
            raise S3Error("MalformedXML")
        fields[name] = _value(name, element.text)
    return fields


def _value(name: str, text: str) -> Any:
    if name == "role":
        if text not in tuple(Role):
            raise S3Error("XAdminInvalidArgument")
        return Role(text)
    if not name.endswith("_id"):
        return text
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 18:
        raise S3Error("MalformedXML")
    return int(text)


def _listed(accounts: list[Account]) -> str:
    rows = [
        "".join(f"<{tag}>{escape(str(getattr(each, name)))}</{tag}>" for tag, name in _ELEMENTS.items())
        for each in accounts
    ]
    inside = "".join(f"<Accounts>{row}</Accounts>" for row in rows)
    return f"{HEADER}<ListUserAccountsResult>{inside}</ListUserAccountsResult>"


async def _buckets(backend: Backend) -> str:
    """Every bucket and its owner."""
    rows, token = "", None
    while True:
        page = await backend.call("ListBuckets", {"ContinuationToken": token} if token else {})
        for bucket in page.get("Buckets") or ():
            owner = await Bucket(backend, bucket["Name"]).owner()
            rows += f"<Buckets><Name>{escape(bucket['Name'])}</Name><Owner>{escape(owner)}</Owner></Buckets>"
        token = page.get("ContinuationToken")
        if not token:
            return f"{HEADER}<ListBucketsResult>{rows}</ListBucketsResult>"


def _response(status: int, text: str = "") -> Response:
    body = text.encode()
    lines = [(b"content-length", b"%d" % len(body))]
    return Response(status, [*lines, (b"content-type", b"application/xml")] if body else lines, body)
