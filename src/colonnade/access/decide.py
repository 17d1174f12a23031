"""The decision, in Amazon's order: an explicit denial, the owner, what the policy allows, what the ACL grants.

Closed by default: what nothing allows is denied.
"""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.access import table
from colonnade.access.state import Bucket
from colonnade.access.statements import Policy
from colonnade.access.wildcard import Besides, Facts
from colonnade.backend import Answer
from colonnade.iam.accounts import Account, Role
from colonnade.rules import acl


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
    """The decision, all that it needs asked for. `read` is the answer of an object that was read.

    `acls` says whether ACLs count here at all. Raises NoSuchBucket, and what the backend raises.
    """
    bucket, key, own = question.bucket, question.key, None
    if not bucket.loaded:
        await bucket.load()
    if key is not None and bucket.policy is not None and bucket.policy.about_tags:
        question.facts = Besides(await bucket.tags(key, question.version), question.facts)
    if key is not None and _by_object(question, acls):
        own = read.get("AccessControlPolicy") if read is not None else await bucket.object_acl(key, question.version)
        if own is not None and acl.is_public(own):
            await bucket.load_block()
    return decide(question, own, acls=acls)


def at_hand(question: Question, *, acls: bool = True) -> bool:
    """Whether the decision needs nothing but what is known of the bucket."""
    return _knows_enough(question.bucket) and not _by_object(question, acls)


def of_read(question: Question, read: Answer, *, acls: bool = True) -> bool | None:
    """The decision about an object that was read, None where more must be asked for."""
    bucket = question.bucket
    if not _knows_enough(bucket):
        return None
    own = read.get("AccessControlPolicy") if _by_object(question, acls) else None
    if own is not None and not bucket.block_known and acl.is_public(own):
        return None
    return decide(question, own, acls=acls)


def _knows_enough(bucket: Bucket) -> bool:
    """Whether its objects' tags don't matter, and all else is known."""
    return bucket.loaded and (bucket.policy is None or not bucket.policy.about_tags)


def _by_object(question: Question, acls: bool) -> bool:
    """Whether the ACL of an object may have a say."""
    return acls and question.on_object is not None and question.key is not None and question.bucket.objects_own


def denied(question: Question) -> bool:
    """Whether the policy denies it, or might: it can't be understood."""
    policy = question.bucket.policy
    return question.bucket.unreadable or (policy is not None and _said(question, policy) is False)


def _said(question: Question, policy: Policy) -> bool | None:
    """What a bucket's policy says."""
    bucket, key, facts = question.bucket, question.key, question.facts
    resource = bucket.name if key is None else f"{bucket.name}/{key}"
    if policy.about_owner and bucket.account:
        facts = Besides(dict.fromkeys(table.OWNER_KEYS, (bucket.account,)), facts)
    return policy.says(question.who, question.action, resource, facts)


def decide(question: Question, own: Answer | None = None, *, acls: bool = True) -> bool:
    """The decision on a bucket that is loaded; `own` is the ACL of an object that has one of its own."""
    who, bucket, policy = question.who, question.bucket, question.bucket.policy
    owns = who is not None and who == bucket.owned_by
    if owns and question.action in _OWNERS:
        return True
    if bucket.unreadable:  # nothing is known of what it denies
        return False
    said = None
    if policy is not None:
        said = _said(question, policy)
        if said is False:
            return False
        if policy.public and bucket.block.get("RestrictPublicBuckets"):
            said = None  # a public policy counts for the owner alone
    if own is not None:
        granted = bucket.granted(own, who, question.on_object or "")
        if own["Owner"]["ID"] != bucket.owned_by:
            # Somebody else's: neither the bucket's owner nor its policy can allow it.
            return granted or (who is not None and who == own["Owner"]["ID"])
        if granted:
            return True
    if owns or said:
        return True
    return bool(acls and question.permission) and bucket.granted(bucket.acl, who, question.permission)


_OWNERS = frozenset(table.ROWS[operation].action for operation in table.POLICY)
