"""Buckets: whose they are, made for others and given to others."""

from __future__ import annotations

from collections.abc import AsyncIterator

from colonnade import context
from colonnade.access.state import Bucket
from colonnade.admin import answers
from colonnade.admin.asked import Asked
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account
from colonnade.wire import parse, uri
from colonnade.wire.address import Target
from colonnade.wire.render import Response


async def listed(asked: Asked) -> Response:
    """Every bucket and its owner."""
    found = [{"Name": name, "Owner": await Bucket(asked.backend, name).owner()} async for name in _names(asked)]
    return answers.rows("ListBucketsResult", "Buckets", found)


async def change_owner(asked: Asked) -> Response:
    """Give a bucket to another. Its grants and its policy were the former owner's will, and go.

    Raises XAdminUserNotFound, NoSuchBucket.
    """
    bucket, owner = (asked.request.params.get(name, "") for name in ("bucket", "owner"))
    asked.changes.update(bucket=bucket, owner=owner)
    account = await _account(asked, owner)
    if not bucket:
        raise S3Error("NoSuchBucket", BucketName=bucket)
    await asked.backend.call("ChangeBucketOwner", {"Bucket": bucket, "Owner": account.access})
    return answers.empty(200)


async def create(asked: Asked) -> Response:
    """CreateBucket for somebody else. Raises XAdminInvalidRequest without an owner, XAdminUserNotFound."""
    target = Target(uri.decode(asked.path.removeprefix(b"/").removesuffix(b"/create")))
    owner = asked.request.headers.get("x-vgw-owner", "")
    asked.changes.update(bucket=target.bucket, owner=owner)
    if not owner:
        raise S3Error("XAdminInvalidRequest")
    account = await _account(asked, owner)
    arguments = await parse.parse("CreateBucket", asked.request, target, asked.body)
    context.set_caller(account)  # a bucket is its maker's
    await asked.backend.call("CreateBucket", arguments)
    return answers.empty(201)


async def _account(asked: Asked, access: str) -> Account:
    account = await asked.accounts.get(access)
    if account is None:
        raise S3Error("XAdminUserNotFound")
    return account


async def _names(asked: Asked) -> AsyncIterator[str]:
    token = None
    while True:
        page = await asked.backend.call("ListBuckets", {"ContinuationToken": token} if token else {})
        for bucket in page.get("Buckets") or ():
            yield bucket["Name"]
        token = page.get("ContinuationToken")
        if not token:
            return
