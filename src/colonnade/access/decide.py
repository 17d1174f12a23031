"""The decision, in Amazon's order: an explicit denial, the owner, what the policy allows, what the ACL grants.

Closed by default: what nothing allows is denied.
"""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.access import table
from colonnade.access.state import Bucket
from colonnade.access.wildcard import Besides, Facts
from colonnade.backend import Answer
from colonnade.iam.accounts import Account, Role


@dataclass(slots=True)
class Question:
    """May somebody (None: nobody signed) do something to a bucket, or to a key in it?

    `permission` is the grant in the bucket's ACL that would allow it, if one would; `on_object` see table.Row.
    """

    who: str | None
    action: str
    bucket: Bucket
    key: str | None
    facts: Facts
    version: str | None = None
    permission: str = ""
    on_object: str | None = None


def free(account: Account | None) -> bool:
    """Whether an account may do everything, unasked: root and admins."""
    return account is not None and account.role is Role.ADMIN


def may_create(account: Account | None) -> bool:
    """Whether an account may make buckets."""
    return account is not None and account.role in (Role.ADMIN, Role.USERPLUS)


async def allowed(question: Question, *, acls: bool = True, read: Answer | None = None) -> bool:
    """The decision. `acls` says whether ACLs count here at all; `read` is the answer of an object that was read.

    Raises NoSuchBucket, and what the backend raises.
    """
    who, bucket = question.who, question.bucket
    if not bucket.loaded:
        await bucket.load()
    owns = who is not None and who == bucket.owned_by
    if owns and question.action in _OWNERS:
        return True
    if bucket.unreadable:  # nothing is known of what it denies
        return False
    said, policy, key = None, bucket.policy, question.key
    if policy is not None:
        facts = question.facts
        if policy.about_tags and key is not None:
            facts = Besides(await bucket.tags(key, question.version), facts)
        said = policy.says(who, question.action, bucket.name if key is None else f"{bucket.name}/{key}", facts)
        if said is False:
            return False
    if acls and question.on_object is not None and key is not None and bucket.objects_own:
        if read is not None:
            own = read.get("AccessControlPolicy")
        else:
            own = await bucket.object_acl(key, question.version)
        if own is not None and own["Owner"]["ID"] != bucket.owned_by:
            # Somebody else's: neither the bucket's owner nor its policy can allow it.
            mine = who is not None and who == own["Owner"]["ID"]
            return mine or await bucket.granted(own, who, question.on_object)
        if own is not None and await bucket.granted(own, who, question.on_object):
            return True
    if said and policy is not None and policy.public and (await bucket.block()).get("RestrictPublicBuckets"):
        said = None  # a public policy counts for the owner alone
    if owns or said:
        return True
    return bool(acls and question.permission) and await bucket.grants(who, question.permission)


_OWNERS = frozenset(table.ROWS[operation].action for operation in table.POLICY)
