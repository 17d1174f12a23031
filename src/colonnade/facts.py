"""What is known of a request, by the names that conditions of policies have for it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from colonnade.access import conditions, table
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account
from colonnade.wire.request import Request
from colonnade.wire.signature import Signed

Known = dict[str, list[str]]

_PARAMS = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys", "versionId": "s3:versionid"}
_LOCK = {
    "x-amz-object-lock-mode": "s3:object-lock-mode",
    "x-amz-object-lock-retain-until-date": "s3:object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold": "s3:object-lock-legal-hold",
    "if-match": "s3:if-match",
    "if-none-match": "s3:if-none-match",
    "user-agent": "aws:useragent",
    "referer": "aws:referer",
    **{name: f"s3:{name}" for name in table.HEADERS},
}


def of_request(request: Request, account: Account | None, signed: Signed | None, form: bool = False) -> Known:
    """The facts of a request. `form` says that it came as an HTML form."""
    now = time.time()
    known: Known = {
        "aws:securetransport": ["true" if request.scheme == "https" else "false"],
        "aws:currenttime": [datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")],
        "aws:epochtime": [str(int(now))],
        "aws:principaltype": ["Anonymous" if account is None else "User"],
    }
    if request.client:
        known["aws:sourceip"] = [request.client]
    if account is not None:
        known["aws:username"] = known["aws:userid"] = known["aws:principalaccount"] = [account.access]
        known["aws:principalarn"] = [f"arn:aws:iam::{account.access}:user/{account.access}"]
        known["s3:signatureversion"] = ["AWS4-HMAC-SHA256"]
        known["s3:authtype"] = [_kind(signed, form)]
    if signed is not None:
        signed_at = datetime.strptime(signed.timestamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        known["s3:signatureage"] = [str(max(0, int((now - signed_at) * 1000)))]
    known |= {key: [request.params[name]] for name, key in _PARAMS.items() if name in request.params}
    known |= {key: [request.headers[name]] for name, key in _LOCK.items() if name in request.headers}
    if "x-amz-tagging" in request.headers:
        known |= _tags(parse_qsl(request.headers["x-amz-tagging"], keep_blank_values=True))
    return known | _remaining(known, now)


#: How the facts begin that a request's body tells, where it has one that does.
ABOUT_BODIES = ("s3:requestobjecttag", "s3:object-lock-")


def of_body(arguments: Mapping[str, Any]) -> Known:
    """What the body of a request adds."""
    known: Known = {}
    if "Tagging" in arguments and not isinstance(arguments["Tagging"], str):
        known |= _tags([(tag["Key"], tag["Value"]) for tag in arguments["Tagging"].get("TagSet") or ()])
    retention, hold = arguments.get("Retention") or {}, arguments.get("LegalHold") or {}
    if retention.get("Mode"):
        known["s3:object-lock-mode"] = [retention["Mode"]]
    if retention.get("RetainUntilDate"):
        known["s3:object-lock-retain-until-date"] = [retention["RetainUntilDate"].isoformat()]
    if hold.get("Status"):
        known["s3:object-lock-legal-hold"] = [hold["Status"]]
    return known | _remaining(known, time.time())


def _kind(signed: Signed | None, form: bool) -> str:
    if form:
        return "POST"
    return "REST-QUERY-STRING" if signed is not None and signed.kind == "query" else "REST-HEADER"


def _tags(pairs: list[tuple[str, str]]) -> Known:
    return by_tag("s3:requestobjecttag/", pairs) | {"s3:requestobjecttagkeys": [name for name, _ in pairs]}


def by_tag(prefix: str, pairs: Iterable[tuple[str, str]]) -> Known:
    """What is known of tags. Raises AccessDenied for keys that differ in case alone: as conditions they are one."""
    known: Known = {}
    for name, value in pairs:
        if known.setdefault(f"{prefix}{name}".lower(), [value]) != [value]:
            raise S3Error("AccessDenied", "Tags whose keys differ in case alone can't be judged by a policy.")
    return known


def _remaining(known: Known, now: float) -> Known:
    """How many days a lock is asked for."""
    try:
        until = conditions.moment(known["s3:object-lock-retain-until-date"][0])
    except (KeyError, ValueError):
        return {}
    return {"s3:object-lock-remaining-retention-days": [str(int((float(until) - now) // 86400))]}
