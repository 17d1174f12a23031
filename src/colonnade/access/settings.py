"""What a bucket's own settings, and the language of policies, refuse to everybody: root and admins too."""

from __future__ import annotations

from colonnade.access import policy, table
from colonnade.access.state import Bucket
from colonnade.access.statements import Policy
from colonnade.backend import Arguments, Backend
from colonnade.errors import S3Error
from colonnade.iam.accounts import Accounts
from colonnade.rules import acl, objectacl

#: The operations that are judged here.
OPERATIONS = frozenset({"PutBucketPolicy", "PutBucketAcl", "PutBucketOwnershipControls"}) | table.ACLS


async def check(backend: Backend, operation: str, arguments: Arguments, *, acls: bool, accounts: Accounts) -> None:
    """Refuse one of `OPERATIONS`; `acls` says whether ACLs can be set at all, `accounts` who there is.

    Raises AccessDenied, MalformedPolicy, AccessControlListNotSupported, InvalidBucketAclWithObjectOwnership, and what
    the backend raises.
    """
    if operation in table.ACLS:
        if objectacl.asked(arguments):
            await _object_acl(backend, Bucket(backend, arguments["Bucket"]), arguments, acls=acls)
        return
    bucket = Bucket(backend, arguments["Bucket"])
    if operation == "PutBucketPolicy":
        read = policy.read(arguments["Policy"], bucket.name)
        if backend.owners:  # to a service that has policies of its own others are known
            await _principals(read, accounts)
        if read.public and (await bucket.load_block()).get("BlockPublicPolicy"):
            raise S3Error("AccessDenied")
    elif operation == "PutBucketAcl":
        if not acls:
            raise S3Error("AccessControlListNotSupported")
        await bucket.owner()
        if acl.is_public(acl.of_put(arguments, bucket.acl)) and (await bucket.load_block()).get("BlockPublicAcls"):
            raise S3Error("AccessDenied")
    else:
        rules = arguments["OwnershipControls"].get("Rules") or ()
        enforces = any(rule.get("ObjectOwnership") == acl.ENFORCED for rule in rules)
        await bucket.owner()
        if enforces and acl.grants_others(bucket.acl):
            raise S3Error("InvalidBucketAclWithObjectOwnership")


async def _principals(read: Policy, accounts: Accounts) -> None:
    """Refuse a policy that names somebody there isn't: one who is made later must not find it waiting."""
    for name in sorted({name for statement in read.statements for name in statement.principals}):
        if name != "*" and not name.startswith(policy.NOBODYS) and await accounts.get(name) is None:
            raise S3Error("MalformedPolicy", "Invalid principal in policy", Detail=name)


async def _object_acl(backend: Backend, bucket: Bucket, arguments: Arguments, *, acls: bool) -> None:
    """An ACL that a write asks for, as far as it isn't for the backend to judge."""
    if not acls:
        raise S3Error("AccessControlListNotSupported")
    if (await bucket.load_block()).get("BlockPublicAcls") and objectacl.is_public(arguments):
        raise S3Error("AccessDenied")
    if backend.object_acls or backend.has("PutObjectAcl") or arguments.get("ACL") == "private":
        return
    await bucket.load()
    if not bucket.enforced:
        raise S3Error("NotImplemented", "Objects have no ACLs of their own here.")
