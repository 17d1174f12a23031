"""ACLs of objects: whose a new object is, what clients say of grants, and what is said back.

An object is its writer's, unless the bucket's ownership says that it is the bucket owner's ("Controlling ownership of
objects and disabling ACLs"). What is kept is None for most: the bucket owner's, and granted to nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from colonnade import context
from colonnade.errors import S3Error
from colonnade.rules import acl
from colonnade.rules.acl import Acl

WRITER = "ObjectWriter"

#: The one canned ACL that every bucket takes.
FULL_CONTROL = "bucket-owner-full-control"

#: The canonical id that Amazon has for whoever didn't sign.
ANONYMOUS = "65a011a29cdf8ec533ec3d1ccaae921c"

_ARGUMENTS = frozenset(acl.ARGUMENTS)
_UNSAID = {"ACL": FULL_CONTROL}


class Ownership(NamedTuple):
    """What a bucket says of its objects: its setting (ObjectWriter where it never said) and its owner, "" for root."""

    setting: str
    owner: str


def of_new(arguments: Mapping[str, Any], bucket: Ownership) -> Acl | None:
    """The ACL of a new object that the caller writes.

    Raises AccessControlListNotSupported where the bucket's owner owns everything, and what `acl.of_headers` raises.
    """
    if bucket.setting == acl.ENFORCED:
        _refuse(arguments, bucket)
        return None
    owned = bucket.setting == acl.PREFERRED and arguments.get("ACL") == FULL_CONTROL
    access = bucket.owner if owned else _writer(bucket)
    return _kept(acl.of_headers(arguments, access, bucket.owner), bucket)


def of_put(arguments: Mapping[str, Any], kept: Acl | None, bucket: Ownership) -> Acl | None:
    """The ACL that PutObjectAcl asks for; the owner stays. Raises as `of_new` and `acl.of_put` do."""
    if bucket.setting == acl.ENFORCED:
        _refuse(arguments, bucket)
        return kept
    return _kept(acl.of_put(arguments, shown(kept, bucket), bucket.owner), bucket)


def shown(kept: Acl | None, bucket: Ownership) -> Acl:
    """What GetObjectAcl says: everything to the bucket's owner where nothing is kept, or nothing kept counts."""
    if kept is None or bucket.setting == acl.ENFORCED:
        return acl.private(bucket.owner)
    return kept


def asked(arguments: Mapping[str, Any]) -> bool:
    """Whether a write says anything of an ACL that not every bucket takes."""
    if _ARGUMENTS.isdisjoint(arguments):
        return False
    return any(arguments.get(name) not in (None, "", _UNSAID.get(name)) for name in acl.ARGUMENTS)


def is_public(arguments: Mapping[str, Any]) -> bool:
    """Whether a write asks for grants to everybody."""
    given = arguments.get("AccessControlPolicy")
    return acl.is_public(given if given is not None else acl.of_headers(arguments, "", ""))


def _writer(bucket: Ownership) -> str:
    account = context.caller()
    if account is None:  # outside a request it is the gateway itself that writes, on behalf of the bucket
        return ANONYMOUS if context.request_id() else bucket.owner
    return bucket.owner if account.root and not bucket.owner else account.access


def _kept(made: Acl, bucket: Ownership) -> Acl | None:
    return None if made == acl.private(bucket.owner) else made


def _refuse(arguments: Mapping[str, Any], bucket: Ownership) -> None:
    """Raise AccessControlListNotSupported for all but full control for the bucket's owner."""
    given = arguments.get("AccessControlPolicy")
    if given is not None:
        grants = [(grant["Grantee"].get("ID"), grant["Permission"]) for grant in given.get("Grants") or ()]
        if grants == [(bucket.owner, "FULL_CONTROL")]:
            return
    elif not asked(arguments):
        return
    raise S3Error("AccessControlListNotSupported")
