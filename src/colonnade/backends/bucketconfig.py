"""The operations on bucket configurations, made from the table of their kinds.

They are the same for every store and differ in where a value is kept, so a backend that keeps them writes two
methods and has all forty operations.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from colonnade.backend import Answer, Method, method_name
from colonnade.errors import S3Error
from colonnade.rules import acl, bucketconfig, policystatus
from colonnade.rules.bucketconfig import KINDS, Kind

#: What is kept (None for nothing) -> what is to be kept instead. Raises S3Error, and nothing is changed.
Change: TypeAlias = Callable[[Any], Any]


class BucketConfigurations:
    """Mix it into a backend and write `configuration` and `configure`."""

    async def configuration(self, bucket: str, kind: Kind) -> Any:
        """What a bucket keeps of a kind, None for nothing. Raises NoSuchBucket."""
        raise NotImplementedError

    async def configure(self, bucket: str, kind: Kind, change: Change) -> None:
        """Replace what a bucket keeps of a kind by what `change` makes of it, no other change between.

        Raises NoSuchBucket, and what `change` raises.
        """
        raise NotImplementedError

    async def get_bucket_acl(self, **arguments: Any) -> Answer:
        """Owner and grants; neither for a bucket that was not made through a gateway."""
        kept = await self.configuration(arguments["Bucket"], bucketconfig.ACL)
        return kept or {"Owner": acl.owner(""), "Grants": []}

    async def put_bucket_acl(self, **arguments: Any) -> Answer:
        """Replace the grants. Raises AccessControlListNotSupported where the owner owns everything."""
        ownership = await self.configuration(arguments["Bucket"], bucketconfig.BY_NAME["ownership"])
        if ownership is not None and ownership["Rules"][0]["ObjectOwnership"] == acl.ENFORCED:
            raise S3Error("AccessControlListNotSupported")
        await self.configure(arguments["Bucket"], bucketconfig.ACL, partial(acl.of_put, arguments))
        return {}

    async def change_bucket_owner(self, **arguments: Any) -> Answer:
        """Give a bucket to `Owner`, with no policy and no grants but the owner's. No operation of S3's."""
        bucket, given = arguments["Bucket"], acl.private(arguments["Owner"])
        # The policy first: cut off between, the bucket is still the former owner's, and nobody else's for it.
        await self.configure(bucket, bucketconfig.BY_NAME["policy"], lambda _: None)
        await self.configure(bucket, bucketconfig.ACL, lambda _: given)
        return {}

    async def get_bucket_policy_status(self, **arguments: Any) -> Answer:
        """Whether the policy is public. Raises NoSuchBucketPolicy."""
        policy = await self.configuration(arguments["Bucket"], bucketconfig.BY_NAME["policy"])
        if policy is None:
            raise S3Error("NoSuchBucketPolicy", BucketName=arguments["Bucket"])
        return {"PolicyStatus": {"IsPublic": policystatus.is_public(json.loads(policy))}}


def _operations(kind: Kind) -> dict[str, Callable[..., Any]]:
    async def put(self: BucketConfigurations, **arguments: Any) -> Answer:
        await self.configure(arguments["Bucket"], kind, partial(kind.changed, arguments=arguments))
        return {}

    async def get(self: BucketConfigurations, **arguments: Any) -> Answer:
        return kind.answer(await self.configuration(arguments["Bucket"], kind), arguments)

    async def delete(self: BucketConfigurations, **arguments: Any) -> Answer:
        await self.configure(arguments["Bucket"], kind, partial(kind.removed, arguments=arguments))
        return {}

    async def page(self: BucketConfigurations, **arguments: Any) -> Answer:
        return kind.page(await self.configuration(arguments["Bucket"], kind), arguments)

    return {kind.put: put, kind.get: get, kind.delete: delete, kind.list: page}


def _never(operation: str) -> Callable[..., Any]:
    """An operation on a configuration that is never kept: the bucket must be there, and that is all."""

    async def carry_out(self: BucketConfigurations, **arguments: Any) -> Answer:
        await self.configuration(arguments["Bucket"], bucketconfig.BY_NAME["tagging"])
        if operation in bucketconfig.REFUSED:
            bucketconfig.refuse(operation, arguments)
        if operation in bucketconfig.UNSET_ERRORS:
            raise S3Error(bucketconfig.UNSET_ERRORS[operation], BucketName=arguments["Bucket"])
        return dict(bucketconfig.UNSET_ANSWERS.get(operation, {}))

    return carry_out


def _all() -> dict[str, Method]:
    made = {name: method for kind in KINDS for name, method in _operations(kind).items() if name}
    never = (
        *bucketconfig.REFUSED,
        *bucketconfig.NOTHING_TO_DELETE,
        *bucketconfig.UNSET_ERRORS,
        *bucketconfig.UNSET_ANSWERS,
    )
    return made | {name: _never(name) for name in never}


for _name, _method in _all().items():
    _method.__name__ = method_name(_name)
    _method.__qualname__ = f"BucketConfigurations.{_method.__name__}"
    setattr(BucketConfigurations, _method.__name__, _method)
