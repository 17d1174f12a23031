"""What the gateway knows of buckets and the upstream must not: kept in a bucket of the upstream, an object each.

All callers share the one account that the upstream knows, so its ACLs and policies could not tell them apart. Names
and contents of the objects are those of the compatible gateway.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from colonnade import context
from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.backends.bucketconfig import BucketConfigurations, Change
from colonnade.backends.configxml import from_xml, to_xml
from colonnade.backends.s3.metaobjects import KEPT, MetaObjects
from colonnade.errors import S3Error
from colonnade.rules import acl, copysource, policystatus
from colonnade.rules.bucketconfig import BY_NAME, Kind

log = logging.getLogger("colonnade.s3")

#: The configurations that are kept here; all others are the upstream's own.
KINDS = tuple(what for what in KEPT if what != "acl")
_CODECS: dict[str, tuple[Callable[[Any], bytes], Callable[[bytes], Any]]] = {
    "policy": (str.encode, bytes.decode),
    "public-access-block": (lambda value: json.dumps(value).encode(), json.loads),
}
_OPERATIONS = frozenset(
    {"GetBucketAcl", "PutBucketAcl", "ChangeBucketOwner", "GetBucketPolicyStatus"}
    | {name for kind in KINDS for name in (BY_NAME[kind].put, BY_NAME[kind].get, BY_NAME[kind].delete)}
)
#: How often a bucket is claimed while the service says that others are about to.
CLAIMS = 5

_EXPECTED = ("ExpectedBucketOwner", "ExpectedSourceBucketOwner")


class MetaBucket(BucketConfigurations, Layer):
    """In front of an S3 service: ACL, policy, CORS and website of its buckets lie in its bucket `name`."""

    def __init__(self, inner: Backend, name: str) -> None:
        super().__init__(inner)
        self.owners = True
        self.name = name
        self.objects = MetaObjects(inner, name)

    async def start(self) -> None:
        """The bucket must be there: without it what was kept would seem to be gone."""
        await super().start()
        try:
            await self.inner.call("HeadBucket", {"Bucket": self.name})
        except S3Error as error:
            await super().close()
            raise ValueError(f"meta-bucket: {self.name} can't be used: {error}") from error

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Carry out what is kept here, and pass all else on."""
        # Owners are ours: to the upstream all buckets are one account's, and whose they should be was judged before.
        arguments = {name: value for name, value in arguments.items() if name not in _EXPECTED}
        self._refuse(operation, arguments)
        if operation in ("ListBuckets", "CreateBucket", "DeleteBucket") or operation in _OPERATIONS:
            return await super().call(operation, arguments)
        return await self.inner.call(operation, arguments)

    async def list_buckets(self, **arguments: Any) -> Answer:
        """All but the meta bucket; callers that administer nothing see their own."""
        answer = await self.inner.call("ListBuckets", arguments)
        entries = [entry for entry in answer.get("Buckets", ()) if entry["Name"] != self.name]
        account = context.caller()
        if account is not None and not account.root and account.role != "admin":
            entries = await self.objects.owned(entries, account.access)
        return {**answer, "Buckets": entries}

    async def create_bucket(self, **arguments: Any) -> Answer:
        """Make it, owned by the caller. What was kept of an earlier one of that name goes.

        Raises BucketAlreadyOwnedByYou or BucketAlreadyExists, told by the owner we know: to the upstream all its
        buckets are one account's, and in us-east-1 making one's own again is even no mistake.
        """
        bucket = arguments["Bucket"]
        kept, _ = acl.of_new_bucket(arguments)
        before = await self.objects.tags(bucket)
        await self._refuse_taken(bucket)  # after that: what `before` says is of a bucket that is gone
        passed = {name: value for name, value in arguments.items() if name not in acl.ARGUMENTS}
        try:
            answer = await self.inner.call("CreateBucket", passed)
        except S3Error as error:
            if error.code == "BucketAlreadyOwnedByYou":  # somebody was quicker
                await self._refuse_taken(bucket)
            raise
        try:
            await self.objects.release(bucket, before, "acl")  # or the caller's would have another's policy
            await self._claim(bucket, acl.to_json(kept), before["acl"])
        except S3Error:
            # Nobody's bucket is of no use; somebody's is theirs.
            if await self.objects.tag("acl", bucket) in (None, before["acl"]):
                await self.inner.call("DeleteBucket", {"Bucket": bucket})
            raise
        return answer

    async def _claim(self, bucket: str, raw: bytes, before: str | None) -> None:
        """Make a bucket the caller's that two may have made at once: the upstream may have said yes to both."""
        for _ in range(CLAIMS):
            if await self.objects.claim(bucket, raw, before):
                return
            now = await self.objects.tag("acl", bucket)
            if now is None:  # whoever deleted an earlier bucket has removed the ACL of that
                before = None
            elif now != before:
                await self._refuse_taken(bucket)
        raise S3Error("OperationAborted")

    async def delete_bucket(self, **arguments: Any) -> Answer:
        """Remove it, and what is kept of it; what can't be removed now goes when a bucket of that name is made.

        Somebody may make one at once: then what is kept is of theirs.
        """
        bucket = arguments["Bucket"]
        before = await self.objects.tags(bucket)
        answer = await self.inner.call("DeleteBucket", arguments)
        try:
            await self.objects.release(bucket, before)
        except S3Error as error:
            log.warning("what is kept of the deleted bucket %s can't be removed: %s", bucket, error)
        return answer

    async def get_bucket_acl(self, **arguments: Any) -> Answer:
        """Owner and grants; empty for a bucket that was not made through a gateway."""
        return await self.objects.acl(arguments["Bucket"])

    async def put_bucket_acl(self, **arguments: Any) -> Answer:
        """Replace the grants. Raises AccessControlListNotSupported where the upstream says that there are none."""
        bucket = arguments["Bucket"]
        kept = await self.objects.acl(bucket)
        if await self._enforced(bucket):
            raise S3Error("AccessControlListNotSupported")
        await self.objects.write("acl", bucket, acl.to_json(acl.of_put(arguments, kept)))
        return {}

    async def change_bucket_owner(self, **arguments: Any) -> Answer:
        """See the base. Raises NoSuchBucket."""
        bucket = arguments["Bucket"]
        await self.inner.call("HeadBucket", {"Bucket": bucket})
        await self.objects.remove("policy", bucket)
        await self.objects.write("acl", bucket, acl.to_json(acl.private(arguments["Owner"])))
        return {}

    async def get_bucket_policy_status(self, **arguments: Any) -> Answer:
        """Whether the policy is public."""
        policy = await self.configuration(arguments["Bucket"], BY_NAME["policy"])
        if policy is None:
            raise S3Error("NoSuchBucketPolicy", BucketName=arguments["Bucket"])
        return {"PolicyStatus": {"IsPublic": policystatus.is_public(json.loads(policy))}}

    async def configuration(self, bucket: str, kind: Kind) -> Any:
        """See the base."""
        raw = await self.objects.read(kind.name, bucket)
        if raw is None:
            return None
        return _CODECS[kind.name][1](raw) if kind.name in _CODECS else from_xml(kind.name, raw)

    async def configure(self, bucket: str, kind: Kind, change: Change) -> None:
        """See the base; of two changes at once the last one counts, as on S3."""
        value = change(await self.configuration(bucket, kind))
        if value is None:
            await self.objects.remove(kind.name, bucket)
        else:
            raw = _CODECS[kind.name][0](value) if kind.name in _CODECS else to_xml(kind, value)
            await self.objects.write(kind.name, bucket, raw)

    async def _refuse_taken(self, bucket: str) -> None:
        """Raise if the bucket is there already."""
        try:
            await self.inner.call("HeadBucket", {"Bucket": bucket})
        except S3Error as error:
            if error.status in (400, 404):  # a name that can't be a bucket's is CreateBucket's to refuse
                return
            if error.status in (301, 403):  # another account's, or in another region
                raise S3Error("BucketAlreadyExists", BucketName=bucket) from error
            raise
        mine = await self.objects.owner(bucket) in ("", acl.caller())
        raise S3Error("BucketAlreadyOwnedByYou" if mine else "BucketAlreadyExists", BucketName=bucket)

    async def _enforced(self, bucket: str) -> bool:
        """Whether ACLs are turned off by the bucket's ownership, which is the upstream's to know if it has that."""
        try:
            answer = await self.inner.call("GetBucketOwnershipControls", {"Bucket": bucket})
        except S3Error as error:
            if error.code in ("NotImplemented", "OwnershipControlsNotFoundError", "MethodNotAllowed"):
                return False
            raise
        return any(rule["ObjectOwnership"] == acl.ENFORCED for rule in answer["OwnershipControls"]["Rules"])

    def _refuse(self, operation: str, arguments: Arguments) -> None:
        """Keep callers away from the meta bucket."""
        if arguments.get("Bucket") == self.name:
            raise S3Error("BucketAlreadyExists" if operation == "CreateBucket" else "AccessDenied")
        if "CopySource" in arguments and copysource.parse(arguments["CopySource"])["Bucket"] == self.name:
            raise S3Error("AccessDenied")
