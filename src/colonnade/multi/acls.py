"""ACLs of objects over several layers: who an object belongs to comes along when another layer is given it.

They are in terms of our accounts, so only layers that keep those have any; what lies in another one, or says nothing
of its own, belongs to the owner of the primary's bucket.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from colonnade import context
from colonnade.backend import Answer, Arguments
from colonnade.iam.accounts import Account
from colonnade.multi.members import Kind, Member, Outcome
from colonnade.rules import acl

#: A permission -> the argument of a write that grants it.
_ARGUMENTS = {permission: argument for argument, permission in acl.PERMISSIONS.items()}
#: What names an object, of the arguments of GetObjectAcl.
_NAMES = ("Bucket", "Key", "VersionId", "ExpectedBucketOwner", "RequestPayer")


async def ask(member: Member, arguments: Mapping[str, Any]) -> Outcome:
    """What a layer says of an object's ACL; of one that keeps none the object's head, if it is there."""
    named = {name: arguments[name] for name in _NAMES if name in arguments}
    return await member.ask("GetObjectAcl" if member.backend.object_acls else "HeadObject", named)


async def said(primary: Member, outcome: Outcome, bucket: str) -> Answer:
    """The ACL in an answer to `ask`. Raises S3Error."""
    answer = outcome.take()
    if outcome.member is primary:
        return answer
    if outcome.member.backend.object_acls and not _same(answer, acl.private(await _owner(outcome.member, bucket))):
        return answer
    return acl.private(await _owner(primary, bucket))


async def count(member: Member, bucket: str) -> bool:
    """Whether ACLs of objects count in a layer's bucket: it has them, and its owner doesn't own everything."""
    return member.backend.object_acls and await ownership(member, bucket) != acl.ENFORCED


async def ownership(member: Member, bucket: str) -> str:
    """A bucket's ownership in S3's words; ObjectWriter where it says nothing."""
    outcome = await member.ask("GetBucketOwnershipControls", {"Bucket": bucket})
    if outcome.kind is Kind.ABSENT or outcome.code in ("OwnershipControlsNotFoundError", "NotImplemented"):
        return "ObjectWriter"
    rules = outcome.take()["OwnershipControls"]["Rules"]
    return str(rules[0]["ObjectOwnership"])


async def bring(member: Member, where: Mapping[str, Any], wanted: Answer) -> bool:
    """Give an object of a layer an ACL; whether it has it now: its owner can't be changed."""
    found = await member.demand("GetObjectAcl", where)
    if found["Owner"]["ID"] != wanted["Owner"]["ID"]:
        return False
    if not _same(found, wanted):
        policy = {"Owner": wanted["Owner"], "Grants": _named(wanted)}
        await member.demand("PutObjectAcl", {**where, "AccessControlPolicy": policy})
    return True


def grants(given: Answer) -> Arguments:
    """What an ACL grants, as arguments of a write; none if all is the owner's alone."""
    if _same(given, acl.private(given["Owner"]["ID"])):
        return {}
    found: dict[str, list[str]] = {}
    for grant in _named(given):
        grantee = grant["Grantee"]
        who = f'uri="{grantee["URI"]}"' if "URI" in grantee else f'id="{grantee["ID"]}"'
        found.setdefault(_ARGUMENTS[grant["Permission"]], []).append(who)
    return {name: ", ".join(whom) for name, whom in found.items()}


@contextmanager
def on_behalf(given: Answer) -> Iterator[None]:
    """Write as the owner that an ACL names: a new object is its writer's. Files stay those of who really asks."""
    asking = context.caller()
    user, group = (asking.user_id, asking.group_id) if asking is not None else (os.getuid(), os.getgid())
    token = context.set_caller(Account(given["Owner"]["ID"], "", user_id=user, group_id=group))
    try:
        yield
    finally:
        context.reset_caller(token)


async def _owner(member: Member, bucket: str) -> str:
    outcome = await member.ask("GetBucketAcl", {"Bucket": bucket})
    if outcome.kind is Kind.ABSENT or outcome.code == "NotImplemented":
        return ""
    return str((outcome.take().get("Owner") or {}).get("ID") or "")


def _named(given: Answer) -> list[dict[str, Any]]:
    """The grants, but for those to root, who needs none."""
    return [grant for grant in given["Grants"] if grant["Grantee"].get("URI") or grant["Grantee"].get("ID")]


def _same(one: Answer, other: Answer) -> bool:
    def comparable(given: Answer) -> tuple[str, list[tuple[str, str]]]:
        named = ((row["Grantee"].get("URI") or row["Grantee"]["ID"], row["Permission"]) for row in _named(given))
        return given["Owner"]["ID"], sorted(named)

    return comparable(one) == comparable(other)
