"""Who owns a bucket and who else may use it, as its `acl` and `ownership` attributes keep it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from colonnade import context
from colonnade.backend import Answer
from colonnade.backends.posix import properties
from colonnade.errors import S3Error

ENFORCED = "BucketOwnerEnforced"

_ALL_USERS = "all-users"
_ALL_USERS_URI = "http://acs.amazonaws.com/groups/global/AllUsers"

#: Canned ACL -> what everybody may.
_CANNED: Mapping[str, tuple[str, ...]] = {
    "private": (),
    "public-read": ("READ",),
    "public-read-write": ("READ", "WRITE"),
}

_GRANTS = {
    "GrantFullControl": "FULL_CONTROL",
    "GrantRead": "READ",
    "GrantWrite": "WRITE",
    "GrantReadACP": "READ_ACP",
    "GrantWriteACP": "WRITE_ACP",
}


def caller() -> str:
    """The access key of who is asking, empty where nobody signed."""
    account = context.caller()
    return account.access if account is not None else ""


def of_new_bucket(arguments: Mapping[str, Any]) -> dict[str, bytes]:
    """The `acl` and `ownership` attributes CreateBucket asks for.

    Raises InvalidBucketAclWithObjectOwnership for grants where the owner owns everything, NotImplemented for
    canned ACLs that aren't kept, InvalidArgument for grants that name nobody by id.
    """
    ownership = arguments.get("ObjectOwnership") or ENFORCED
    canned = arguments.get("ACL") or "private"
    if canned not in _CANNED:
        raise S3Error("NotImplemented", f"The canned ACL {canned} is not available.")
    grants = [grant for name in _GRANTS if arguments.get(name) for grant in _grants(name, arguments[name])]
    if ownership == ENFORCED and (grants or canned != "private"):
        raise S3Error("InvalidBucketAclWithObjectOwnership")
    owner = caller()
    rows = [_row("FULL_CONTROL", owner), *grants]
    rows += [_row(permission, _ALL_USERS, "Group") for permission in _CANNED[canned]]
    return {
        "acl": properties.to_json({"Owner": owner, "Grantees": rows}),
        "ownership": ownership.encode(),
    }


def _row(permission: str, access: str, kind: str = "CanonicalUser") -> dict[str, str]:
    return {"Permission": permission, "Access": access, "Type": kind}


def _grants(name: str, header: str) -> list[dict[str, str]]:
    rows = []
    for grantee in header.split(","):
        kind, _, value = grantee.strip().partition("=")
        value = value.strip('"')
        if kind.lower() == "id" and value:
            rows.append(_row(_GRANTS[name], value))
        elif kind.lower() == "uri" and value == _ALL_USERS_URI:
            rows.append(_row(_GRANTS[name], _ALL_USERS, "Group"))
        else:
            raise S3Error("InvalidArgument", "Invalid id", ArgumentName=name, ArgumentValue=grantee)
    return rows


def answer(raw: bytes | None) -> Answer:
    """The attribute as GetBucketAcl shows it."""
    kept = json.loads(raw) if raw else {}
    owner = kept.get("Owner") or ""
    grants = [{"Grantee": _grantee(row), "Permission": row["Permission"]} for row in kept.get("Grantees") or []]
    return {"Owner": {"ID": owner, "DisplayName": owner}, "Grants": grants}


def _grantee(row: Mapping[str, str]) -> dict[str, str]:
    if row.get("Type") == "Group":
        return {"Type": "Group", "URI": _ALL_USERS_URI}
    return {"Type": "CanonicalUser", "ID": row["Access"], "DisplayName": row["Access"]}
