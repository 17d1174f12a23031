"""What an upstream refuses, and what it can't be asked, as S3Error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

from colonnade.errors import ERRORS, S3Error

#: What a status means that came without an error document: HEAD has none, and proxies know no S3.
_BY_STATUS = {
    301: "PermanentRedirect",
    302: "TemporaryRedirect",
    304: "NotModified",
    307: "TemporaryRedirect",
    308: "PermanentRedirect",
    400: "BadRequest",
    401: "AccessDenied",
    403: "AccessDenied",
    405: "MethodNotAllowed",
    409: "OperationAborted",
    411: "MissingContentLength",
    412: "PreconditionFailed",
    416: "InvalidRange",
    429: "SlowDown",
    500: "InternalError",
    501: "NotImplemented",
    502: "ServiceUnavailable",
    503: "ServiceUnavailable",
    504: "ServiceUnavailable",
}

#: Elements of an error document that aren't fields, or are said anew by the gateway.
_OWN = frozenset({"Code", "Message", "RequestId", "HostId"})

#: Members of an answer that S3 sends beside an error, as headers.
_BESIDE = ("ETag", "LastModified", "CacheControl", "Expires", "DeleteMarker", "VersionId")


class UnreachableError(S3Error):
    """The upstream gave no answer. `sent` says whether it may have got the request."""

    def __init__(self, message: str, *, sent: bool = True, timed_out: bool = False) -> None:
        super().__init__("ServiceUnavailable", f"The gateway's upstream {message}.")
        self.sent = sent
        self.timed_out = timed_out


def refused(operation: str, status: int, headers: Mapping[str, str], body: bytes, head: Mapping[str, Any]) -> S3Error:
    """The error an upstream answered. `head` are the members of the answer that its headers say."""
    code, message, fields = _document(body)
    ids = {"UpstreamRequestId": headers.get("x-amz-request-id"), "UpstreamHostId": headers.get("x-amz-id-2")}
    fields |= {name: value for name, value in ids.items() if value}
    output = {name: head[name] for name in _BESIDE if name in head}
    if code is None:
        code = _code(operation, status)
    elif status < 300:  # Copies and completions begin to answer before they know how they end.
        status = ERRORS.get(code, (500, ""))[0]
    if status == 501:
        code = "NotImplemented"
    return S3Error(code, message, status=status, output=output, **fields)


def _code(operation: str, status: int) -> str:
    if status == 404:
        about_bucket = operation == "HeadBucket" or "Object" not in operation
        return "NoSuchBucket" if about_bucket else "NoSuchKey"
    return _BY_STATUS.get(status, "InternalError" if status >= 500 else "BadRequest")


def _document(body: bytes) -> tuple[str | None, str | None, dict[str, Any]]:
    """Code, message and fields of an error document; nothing of what isn't one."""
    try:
        root = ElementTree.fromstring(body.strip())  # noqa: S314  expat bounds entities; the upstream is the operator's
    except ElementTree.ParseError:
        return None, None, {}
    found = {child.tag.rpartition("}")[2]: child.text or "" for child in root if not len(child)}
    if root.tag.rpartition("}")[2] != "Error" or not found.get("Code"):
        return None, None, {}
    return found["Code"], found.get("Message"), {name: text for name, text in found.items() if name not in _OWN}
