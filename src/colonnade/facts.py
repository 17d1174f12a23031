"""What is known of a request, by the names that conditions of policies have for it.

Most policies look at a fact or two, most requests meet none that do: so each is found out when it is asked for. A
header or parameter that the operation doesn't take is none: who sends it all the same asks for nothing by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from colonnade import sigv4
from colonnade.access import conditions, table
from colonnade.access.tags import by_tag
from colonnade.iam.accounts import Account
from colonnade.model import taken
from colonnade.rules import copysource
from colonnade.wire import claims
from colonnade.wire.request import Request
from colonnade.wire.signature import Signed

#: How the facts begin that a request's body tells, where it has one that does.
ABOUT_BODIES = ("s3:requestobjecttag", "s3:object-lock-")

_TAG = "s3:requestobjecttag/"


class Known(Mapping[str, Sequence[str]]):
    """The facts of a request of an account, None for nobody's. `operation` is S3's name of what is asked.

    `form` says that it came as an HTML form.

    Asking for tags raises AccessDenied where keys differ in case alone: as conditions they are one.
    """

    def __init__(
        self, request: Request, account: Account | None, signed: Signed | None, operation: str, *, form: bool = False
    ) -> None:
        self.request = request
        self.operation = operation
        self.account = account
        self.signed = signed
        self.form = form
        self._told: Mapping[str, Sequence[str]] | None = None
        #: In seconds since the epoch.
        self.now = time.time()

    def tell(self, arguments: Mapping[str, Any]) -> None:
        """What the body says, once it is read; headers say nothing of that then."""
        self._told = of_body(arguments)

    def get(self, key: str, default: Any = ()) -> Any:
        """The values of a key in lower case, `default` where nothing is known of it."""
        if self._told is not None and key.startswith(ABOUT_BODIES):
            return self._told.get(key, default)
        reader = _READERS.get(key)
        if reader is not None:
            value = reader(self)
            return default if value is None else (value,)
        if key.startswith(ABOUT_BODIES):
            return self._of_headers.get(key, default)
        return default

    @cached_property
    def _of_headers(self) -> Mapping[str, Sequence[str]]:
        """What headers say of tags and locks."""
        headers, takes = self.request.headers, taken(self.operation)
        known: dict[str, Sequence[str]] = {
            key: [headers[name]] for name, key in _LOCK.items() if name in headers and name in takes
        }
        if asks_for_tags(self.operation, headers):
            known |= _tags(parse_qsl(headers["x-amz-tagging"], keep_blank_values=True))
        return known | _remaining(known)

    def __getitem__(self, key: str) -> Sequence[str]:
        values: Sequence[str] = self.get(key, None)
        if values is None:
            raise KeyError(key)
        return values

    def __iter__(self) -> Iterator[str]:
        told = self._of_headers if self._told is None else self._told
        yield from told
        yield from (key for key in _READERS if self.get(key, None) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


#: What a request is asked for one of its facts; None where that isn't known of it.
Reader: TypeAlias = Callable[[Known], str | None]


def _user(known: Known) -> str | None:
    return known.account.access if known.account is not None else None


def _arn(known: Known) -> str | None:
    access = _user(known)
    return None if access is None else f"arn:aws:iam::{access}:user/{access}"


def _kind(known: Known) -> str | None:
    if known.account is None:
        return None
    if known.form:
        return "POST"
    return "REST-QUERY-STRING" if known.signed is not None and known.signed.kind == "query" else "REST-HEADER"


def _age(known: Known) -> str | None:
    """Milliseconds since it was signed."""
    signed_at = claims.iso_basic(known.signed.timestamp) if known.signed is not None else None
    return None if signed_at is None else str(max(0, int((known.now - signed_at) * 1000)))


def _header(name: str, known: Known) -> str | None:
    return known.request.headers.get(name)


def _taken_header(name: str, known: Known) -> str | None:
    return known.request.headers.get(name) if name in taken(known.operation) else None


def _taken_parameter(name: str, known: Known) -> str | None:
    return known.request.params.get(name) if name in taken(known.operation) else None


def _payload(known: Known) -> str | None:
    """What the request says of its body; a presigned one that says nothing leaves it unsigned, as forms always do."""
    if known.form:
        return sigv4.UNSIGNED
    given = known.request.headers.get("x-amz-content-sha256")
    return given if given is not None or known.signed is None else known.signed.payload


def _creates(known: Known) -> str | None:
    """Whether writing makes an object at once, and so may have conditions: parts don't."""
    return _CREATE.get(known.operation)


def _source(known: Known) -> str | None:
    """What is to be copied, however it was encoded: ``bucket/key``."""
    given = _taken_header("x-amz-copy-source", known)
    if given is None:
        return None
    source = copysource.parse_header(given)
    version = f"?versionId={source['VersionId']}" if "VersionId" in source else ""
    return f"{source['Bucket']}/{source['Key']}{version}"


_CREATE: Mapping[str, str] = {
    **dict.fromkeys(("PutObject", "CopyObject", "CompleteMultipartUpload"), "true"),
    **dict.fromkeys(("CreateMultipartUpload", "UploadPart", "UploadPartCopy"), "false"),
}
_LOCK = {
    "x-amz-object-lock-mode": "s3:object-lock-mode",
    "x-amz-object-lock-retain-until-date": "s3:object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold": "s3:object-lock-legal-hold",
}
_HEADERS = {"user-agent": "aws:useragent", "referer": "aws:referer"}
_TAKEN = {
    "if-match": "s3:if-match",
    "if-none-match": "s3:if-none-match",
    **{name: f"s3:{name}" for name in table.HEADERS if name not in ("x-amz-content-sha256", "x-amz-copy-source")},
}
_PARAMS = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys", "versionId": "s3:versionid"}

_READERS: Mapping[str, Reader] = {
    "aws:securetransport": lambda known: "true" if known.request.scheme == "https" else "false",
    "aws:currenttime": lambda known: datetime.fromtimestamp(known.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "aws:epochtime": lambda known: str(int(known.now)),
    # Nobody here asks on behalf of others.
    "aws:principalisawsservice": lambda known: None if known.account is None else "false",
    "aws:viaawsservice": lambda known: "false",
    "aws:principaltype": lambda known: "Anonymous" if known.account is None else "User",
    "aws:sourceip": lambda known: known.request.client or None,
    "aws:username": _user,
    "aws:userid": _user,
    "aws:principalaccount": _user,
    "aws:principalarn": _arn,
    "s3:signatureversion": lambda known: None if known.account is None else "AWS4-HMAC-SHA256",
    "s3:authtype": _kind,
    "s3:signatureage": _age,
    "s3:objectcreationoperation": _creates,
    "s3:x-amz-content-sha256": _payload,
    "s3:x-amz-copy-source": _source,
    **{key: partial(_header, name) for name, key in _HEADERS.items()},
    **{key: partial(_taken_header, name) for name, key in _TAKEN.items()},
    **{key: partial(_taken_parameter, name) for name, key in _PARAMS.items()},
}


def asks_for_tags(operation: str, headers: Mapping[str, str]) -> bool:
    """Whether a header says which tags are to be set; a copy has those of its source unless it is told otherwise."""
    if operation == "CopyObject" and headers.get("x-amz-tagging-directive") != "REPLACE":
        return False
    return "x-amz-tagging" in headers and "x-amz-tagging" in taken(operation)


def of_body(arguments: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """What the body of a request says."""
    known: dict[str, Sequence[str]] = {}
    if "Tagging" in arguments and not isinstance(arguments["Tagging"], str):
        known |= _tags([(tag["Key"], tag["Value"]) for tag in arguments["Tagging"].get("TagSet") or ()])
    retention, hold = arguments.get("Retention") or {}, arguments.get("LegalHold") or {}
    if retention.get("Mode"):
        known["s3:object-lock-mode"] = [retention["Mode"]]
    if retention.get("RetainUntilDate"):
        known["s3:object-lock-retain-until-date"] = [retention["RetainUntilDate"].isoformat()]
    if hold.get("Status"):
        known["s3:object-lock-legal-hold"] = [hold["Status"]]
    return known | _remaining(known)


def _tags(pairs: list[tuple[str, str]]) -> dict[str, Sequence[str]]:
    return {**by_tag(_TAG, pairs), "s3:requestobjecttagkeys": [name for name, _ in pairs]}


def _remaining(known: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """How many days a lock is asked for."""
    try:
        until = conditions.moment(known["s3:object-lock-retain-until-date"][0])
    except (KeyError, ValueError):
        return {}
    return {"s3:object-lock-remaining-retention-days": [str(int((float(until) - time.time()) // 86400))]}
