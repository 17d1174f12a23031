"""ACLs: what clients say of grants, what is said back of a bucket's, and the JSON that disks keep.

Everywhere but on disk an ACL is S3's AccessControlPolicy, ``{"Owner": ..., "Grants": [...]}``; an account's
canonical id is its access key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from colonnade import context
from colonnade.errors import S3Error

Acl: TypeAlias = dict[str, Any]
Grant: TypeAlias = dict[str, Any]

ENFORCED, PREFERRED = "BucketOwnerEnforced", "BucketOwnerPreferred"

#: More grants an ACL can't have.
MOST_GRANTS = 100

ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery"

#: A group's address -> what disks call it.
_GROUPS = {ALL_USERS: "all-users", AUTHENTICATED: "authenticated-users", LOG_DELIVERY: "log-delivery"}
_ADDRESSES = {name: address for address, name in _GROUPS.items()}

#: A canned ACL -> whom it grants what, beside everything to the owner.
_CANNED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "private": (),
    "public-read": ((ALL_USERS, "READ"),),
    "public-read-write": ((ALL_USERS, "READ"), (ALL_USERS, "WRITE")),
    "authenticated-read": ((AUTHENTICATED, "READ"),),
    "aws-exec-read": (),  # to EC2, which never comes here
}
#: Those that mean something for buckets alone, and those that do for objects alone: a bucket ignores the latter.
_BUCKETS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "log-delivery-write": ((LOG_DELIVERY, "WRITE"), (LOG_DELIVERY, "READ_ACP"))
}
_OBJECTS = {"bucket-owner-read": "READ", "bucket-owner-full-control": "FULL_CONTROL"}

#: The argument of a header -> the permission it grants.
PERMISSIONS = {
    "GrantFullControl": "FULL_CONTROL",
    "GrantRead": "READ",
    "GrantWrite": "WRITE",
    "GrantReadACP": "READ_ACP",
    "GrantWriteACP": "WRITE_ACP",
}

#: All arguments that say something of an ACL.
ARGUMENTS = ("ACL", "AccessControlPolicy", *PERMISSIONS)


def caller() -> str:
    """The access key of who is asking, empty where nobody signed."""
    account = context.caller()
    return account.access if account is not None else ""


def owner(access: str) -> dict[str, str]:
    """An account as Owner has it."""
    return {"ID": access, "DisplayName": access}


def private(access: str) -> Acl:
    """The ACL of what is somebody's alone."""
    return {"Owner": owner(access), "Grants": [{"Grantee": _user(access), "Permission": "FULL_CONTROL"}]}


def of_headers(arguments: Mapping[str, Any], access: str, bucket_owner: str | None = None) -> Acl:
    """The ACL that ACL and the Grant arguments ask for: private, owned by `access`, where there are none.

    It is that of an object where `bucket_owner` says whose its bucket is. Raises InvalidRequest for both kinds at
    once, InvalidArgument for grantees nobody could be.
    """
    canned = arguments.get("ACL") or "private"
    grants = [grant for name in PERMISSIONS if arguments.get(name) for grant in _of_header(name, arguments[name])]
    if grants and arguments.get("ACL"):
        raise S3Error("InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed")
    made = private(access)
    made["Grants"] = grants or made["Grants"] + _of_canned(canned, access, bucket_owner)
    return made


def _of_canned(canned: str, access: str, bucket_owner: str | None) -> list[Grant]:
    """What a canned ACL grants to others than the owner. Raises InvalidArgument."""
    if canned in _OBJECTS:
        if bucket_owner in (None, access):
            return []
        return [{"Grantee": _user(bucket_owner or ""), "Permission": _OBJECTS[canned]}]
    rows = _CANNED if bucket_owner is not None else {**_CANNED, **_BUCKETS}
    if canned not in rows:
        raise S3Error("InvalidArgument", ArgumentName="x-amz-acl", ArgumentValue=canned)
    return [{"Grantee": _group(address), "Permission": permission} for address, permission in rows[canned]]


def of_new_bucket(arguments: Mapping[str, Any]) -> tuple[Acl, str]:
    """The ACL and the ownership that CreateBucket asks for; the caller owns the bucket.

    Raises InvalidBucketAclWithObjectOwnership for grants where the owner owns everything.
    """
    # S3 takes an ACL that grants nothing for the wish to have ACLs; rclone makes its buckets so, and its objects.
    default = PREFERRED if arguments.get("ACL") == "private" else ENFORCED
    ownership = str(arguments.get("ObjectOwnership") or default)
    acl = of_headers(arguments, caller())
    if any(arguments.get(name) for name in PERMISSIONS):  # whoever makes a bucket may always do all to it
        acl["Grants"].insert(0, {"Grantee": _user(caller()), "Permission": "FULL_CONTROL"})
    if ownership == ENFORCED and grants_others(acl):
        raise S3Error("InvalidBucketAclWithObjectOwnership")
    return acl, ownership


def of_put(arguments: Mapping[str, Any], kept: Acl | None, bucket_owner: str | None = None) -> Acl:
    """The ACL PutBucketAcl, or with a `bucket_owner` PutObjectAcl, asks for: canned, by headers or in the body.

    The owner stays. Raises MissingSecurityHeader for none of them, UnexpectedContent for a body beside headers,
    MalformedACLError for too many grants, AccessDenied for another owner, UnresolvableGrantByEmailAddress.
    """
    access = str(((kept or {}).get("Owner") or {}).get("ID") or ("" if bucket_owner is not None else caller()))
    body = arguments.get("AccessControlPolicy")
    named = any(arguments.get(name) for name in ("ACL", *PERMISSIONS))
    if body is None:
        if not named:
            raise S3Error("MissingSecurityHeader", MissingHeaderName="x-amz-acl")
        return of_headers(arguments, access, bucket_owner)
    if named:
        raise S3Error("UnexpectedContent")
    if (body.get("Owner") or {}).get("ID", access) != access:
        raise S3Error("AccessDenied")
    grants = body.get("Grants") or []
    if len(grants) > MOST_GRANTS:
        raise S3Error("MalformedACLError")
    return {"Owner": owner(access), "Grants": [_checked(grant) for grant in grants]}


def grants_others(acl: Mapping[str, Any]) -> bool:
    """Whether anybody but the owner is granted something."""
    access = (acl.get("Owner") or {}).get("ID")
    return any(grant["Grantee"].get("ID", "") != access for grant in acl.get("Grants") or [])


def is_public(acl: Mapping[str, Any]) -> bool:
    """Whether everybody, or everybody with an account anywhere, is granted something."""
    return any(grant["Grantee"].get("URI") in (ALL_USERS, AUTHENTICATED) for grant in acl.get("Grants") or [])


def to_json(acl: Mapping[str, Any]) -> bytes:
    """An ACL as disks keep it."""
    rows = [
        {"Permission": grant["Permission"], "Access": _access(grant["Grantee"]), "Type": grant["Grantee"]["Type"]}
        for grant in acl.get("Grants") or []
    ]
    document = {"Owner": acl["Owner"]["ID"], "Grantees": rows}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def from_json(raw: bytes) -> Acl:
    """What a disk keeps, as an ACL."""
    kept = json.loads(raw)
    rows: Sequence[Mapping[str, str]] = kept.get("Grantees") or []
    grants = [{"Grantee": _grantee(row), "Permission": row["Permission"]} for row in rows]
    return {"Owner": owner(kept.get("Owner") or ""), "Grants": grants}


def _of_header(name: str, header: str) -> list[Grant]:
    """``id="…", uri="…"`` as grants."""
    grants = []
    for piece in header.split(","):
        kind, _, value = piece.strip().partition("=")
        grantee = {"id": "ID", "uri": "URI", "emailaddress": "EmailAddress"}.get(kind.strip().lower())
        if grantee is None:
            raise S3Error("InvalidArgument", "Argument format not recognized", ArgumentName=name, ArgumentValue=piece)
        types = {"ID": "CanonicalUser", "URI": "Group", "EmailAddress": "AmazonCustomerByEmail"}
        row = {grantee: value.strip().strip('"'), "Type": types[grantee]}
        grants.append(_checked({"Grantee": row, "Permission": PERMISSIONS[name]}))
    return grants


def _checked(grant: Mapping[str, Any]) -> Grant:
    """A grant somebody could have. Raises S3Error."""
    grantee, permission = grant.get("Grantee") or {}, grant.get("Permission")
    kind = grantee.get("Type")
    if permission is None:
        raise S3Error("MalformedACLError")
    if kind == "AmazonCustomerByEmail":
        raise S3Error("UnresolvableGrantByEmailAddress")
    if kind == "Group":
        if grantee.get("URI") not in _GROUPS:
            raise S3Error(
                "InvalidArgument",
                "Invalid group uri",
                ArgumentName="Grantee/URI",
                ArgumentValue=grantee.get("URI", ""),
            )
        return {"Grantee": _group(grantee["URI"]), "Permission": permission}
    if kind != "CanonicalUser" or not grantee.get("ID"):
        raise S3Error(
            "InvalidArgument", "Invalid id", ArgumentName="CanonicalUser/ID", ArgumentValue=grantee.get("ID", "")
        )
    return {"Grantee": _user(grantee["ID"]), "Permission": permission}


def _user(access: str) -> dict[str, str]:
    return {"ID": access, "DisplayName": access, "Type": "CanonicalUser"}


def _group(address: str) -> dict[str, str]:
    return {"URI": address, "Type": "Group"}


def _access(grantee: Mapping[str, str]) -> str:
    return _GROUPS[grantee["URI"]] if grantee["Type"] == "Group" else grantee["ID"]


def _grantee(row: Mapping[str, str]) -> dict[str, str]:
    if row.get("Type") == "Group":
        return _group(_ADDRESSES.get(row["Access"], row["Access"]))
    return _user(row["Access"])
