"""Amazon's rules a second time: an account's rights on a bucket, worked out from sets of grounds.

Written from "How Amazon S3 authorizes a request", "Access control list (ACL) overview", "Controlling ownership of
objects" and "Blocking public access", and sharing nothing with the gateway. Accounts here are what accounts are at
Amazon: "owner" has the bucket, "alice" and "bob" are others, "admin" stands above all, "anonymous" didn't sign.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

EVERYBODY, AUTHENTICATED = "everybody", "authenticated"
ENFORCED, PREFERRED, WRITER = "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"

Grants = frozenset[tuple[str, str]]

CANNED: dict[str, Grants] = {
    "private": frozenset(),
    "public-read": frozenset({(EVERYBODY, "READ")}),
    "public-read-write": frozenset({(EVERYBODY, "READ"), (EVERYBODY, "WRITE")}),
    "authenticated-read": frozenset({(AUTHENTICATED, "READ")}),
    "bucket-owner-read": frozenset({("owner", "READ")}),
    "bucket-owner-full-control": frozenset({("owner", "FULL_CONTROL")}),
}
HEADERS = {
    "GrantRead": "READ",
    "GrantWrite": "WRITE",
    "GrantReadACP": "READ_ACP",
    "GrantWriteACP": "WRITE_ACP",
    "GrantFullControl": "FULL_CONTROL",
}


@dataclass(frozen=True)
class Statement:
    """One of a policy: for some accounts (or "*"), actions by name or "s3:*", on the bucket and all in it."""

    effect: str
    who: tuple[str, ...]
    actions: tuple[str, ...]
    but: bool = False  # NotPrincipal

    def names(self, who: str) -> bool:
        """Whether it speaks of an account."""
        return ("*" in self.who or who in self.who) is not self.but


@dataclass(frozen=True)
class Setup:
    """A bucket of "owner". Objects "k" and "acl" are the owner's, "theirs" was written by alice; ACLs as boto3 asks."""

    ownership: str = ENFORCED
    bucket_acl: dict[str, str] = field(default_factory=dict)
    object_acl: dict[str, str] = field(default_factory=dict)
    policy: tuple[Statement, ...] = ()
    block: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """What is asked: the action, the grants of the bucket's and of the object's ACL that allow it, and the key."""

    action: str
    on_bucket: str = ""
    on_object: str = ""
    key: str = ""


OPERATIONS = {
    "list": Operation("s3:ListBucket", on_bucket="READ"),
    "list versions": Operation("s3:ListBucketVersions", on_bucket="READ"),
    "list uploads": Operation("s3:ListBucketMultipartUploads", on_bucket="READ"),
    "location": Operation("s3:GetBucketLocation"),
    "bucket acl": Operation("s3:GetBucketAcl", on_bucket="READ_ACP"),
    "get": Operation("s3:GetObject", on_object="READ", key="k"),
    "head": Operation("s3:GetObject", on_object="READ", key="k"),
    "get theirs": Operation("s3:GetObject", on_object="READ", key="theirs"),
    "get version": Operation("s3:GetObjectVersion", on_object="READ", key="k"),
    "object acl": Operation("s3:GetObjectAcl", on_object="READ_ACP", key="k"),
    "their acl": Operation("s3:GetObjectAcl", on_object="READ_ACP", key="theirs"),
    "put object acl": Operation("s3:PutObjectAcl", on_object="WRITE_ACP", key="acl"),
    "tags": Operation("s3:GetObjectTagging", key="k"),
    "put": Operation("s3:PutObject", on_bucket="WRITE"),
    "put public": Operation("s3:PutObject", on_bucket="WRITE"),
    "delete": Operation("s3:DeleteObject", on_bucket="WRITE"),
    "missing": Operation("s3:GetObject"),
    "copy": Operation("s3:PutObject", on_bucket="WRITE"),
    "begin upload": Operation("s3:PutObject", on_bucket="WRITE"),
    "delete version": Operation("s3:DeleteObjectVersion"),
    "head missing": Operation("s3:GetObject"),
    "policy": Operation("s3:GetBucketPolicy"),
}


def outcome(setup: Setup, who: str, name: str) -> str:
    """What an account is answered: "ok" or the code of the refusal."""
    code = _outcome(setup, who, name)
    return {"AccessDenied": "403", "NoSuchKey": "404"}.get(code, code) if name.startswith("head") else code


def _outcome(setup: Setup, who: str, name: str) -> str:
    asked = OPERATIONS[name]
    if name == "policy":
        return _policy(setup, who)
    if who == "anonymous" and name in ("copy", "begin upload"):  # "Anonymous users cannot ... Please authenticate."
        return "AccessDenied"
    if not _may(setup, who, asked):
        return "AccessDenied"
    if name.endswith("missing"):
        return "NoSuchKey" if _may(setup, who, OPERATIONS["list"]) else "AccessDenied"
    if name == "copy":
        return "ok" if _may(setup, who, OPERATIONS["get"]) else "AccessDenied"
    if name == "put object acl" and "BlockPublicAcls" in setup.block:
        named = {grantee for grantee, _ in grants(setup.object_acl, "owner")}
        return "AccessDenied" if named & {EVERYBODY, AUTHENTICATED} else "ok"
    if name == "put public":
        if not _may(setup, who, Operation("s3:PutObjectAcl", on_bucket="WRITE")):
            return "AccessDenied"
        if "BlockPublicAcls" in setup.block:
            return "AccessDenied"
        return "AccessControlListNotSupported" if setup.ownership == ENFORCED else "ok"
    return "ok"


def _policy(setup: Setup, who: str) -> str:
    """Only the owner's account handles the policy, and can't be kept from it."""
    if who not in ("owner", "admin"):
        return "MethodNotAllowed" if _may(setup, who, OPERATIONS["policy"]) else "AccessDenied"
    return "ok" if setup.policy else "NoSuchBucketPolicy"


def _may(setup: Setup, who: str, asked: Operation) -> bool:
    if who == "admin":
        return True
    said = {s.effect for s in setup.policy if s.names(who) and {asked.action, "s3:*"} & set(s.actions)}
    if "Deny" in said:
        return False
    owner = object_owner(setup, asked.key)
    grounds = set()
    if owner == "owner":  # the bucket's owner has authority over it and its own objects, and delegates by policy
        grounds |= {"owner"} if who == "owner" else set()
        grounds |= {"policy"} if "Allow" in said and not _restricted(setup) else set()
    elif who == owner:
        grounds.add("object owner")
    if setup.ownership != ENFORCED:
        if asked.on_bucket and _granted(setup, grants(setup.bucket_acl, "owner"), who, asked.on_bucket):
            grounds.add("bucket acl")
        if asked.on_object and _granted(setup, grants(setup.object_acl, owner), who, asked.on_object):
            grounds.add("object acl")
    return bool(grounds)


def object_owner(setup: Setup, key: str) -> str:
    """Who owns an object; of what isn't there or is the bucket itself, the bucket's owner."""
    if key != "theirs" or setup.ownership == ENFORCED:
        return "owner"
    given = setup.ownership == PREFERRED and setup.object_acl.get("ACL") == "bucket-owner-full-control"
    return "owner" if given else "alice"


def grants(asked: dict[str, Any], owner: str) -> Grants:
    """Whom an ACL, as it was asked for by somebody, grants what."""
    named = {name: permission for name, permission in HEADERS.items() if name in asked}
    if named:
        return frozenset((asked[name].removeprefix("id="), permission) for name, permission in named.items())
    return CANNED[asked.get("ACL", "private")] | {(owner, "FULL_CONTROL")}


def _granted(setup: Setup, given: Grants, who: str, permission: str) -> bool:
    names = {who, EVERYBODY} | (set() if who == "anonymous" else {AUTHENTICATED})
    if "IgnorePublicAcls" in setup.block:
        names -= {EVERYBODY, AUTHENTICATED}
    return any((name, wanted) in given for name in names for wanted in (permission, "FULL_CONTROL"))


def _restricted(setup: Setup) -> bool:
    public = any(s.effect == "Allow" and "*" in s.who for s in setup.policy)
    return public and "RestrictPublicBuckets" in setup.block
