"""The meta bucket: what is kept beside the data, and who is told what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import pytest

from colonnade import context, testing
from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.backends import load
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Role

ALICE, BOB = (Account(name, "secret", Role.USERPLUS) for name in ("alice", "bob"))


class Forgiving(Layer):
    """As us-east-1 answers: to make a bucket again that is one's own is no mistake. `refuse` names what isn't done."""

    refuse: str = ""
    conditions = True

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """See the base."""
        if operation == self.refuse:
            raise S3Error("AccessDenied")
        if not self.conditions and not arguments.keys().isdisjoint({"IfMatch", "IfNoneMatch"}):
            raise S3Error("NotImplemented")
        try:
            return await self.inner.call(operation, arguments)
        except S3Error as error:
            if error.code == "BucketAlreadyOwnedByYou":
                return {"Location": f"/{arguments['Bucket']}"}
            raise


@pytest.fixture
def upstream() -> Iterator[testing.RunningServer]:
    """Another gateway."""
    with testing.server(Forgiving(load("memory", {}))) as running:
        yield running


@pytest.fixture
async def plain(upstream: testing.RunningServer) -> AsyncIterator[Backend]:
    """The upstream as it is."""
    made = load("s3", {"endpoint": upstream.url, "access": upstream.access, "secret": upstream.secret})
    await made.start()
    await made.call("CreateBucket", {"Bucket": "meta"})
    yield made
    await made.close()


@pytest.fixture
async def s3(upstream: testing.RunningServer, plain: Backend) -> AsyncIterator[Backend]:
    """The upstream with a meta bucket, nobody asking."""
    keys = {"access": upstream.access, "secret": upstream.secret}
    made = load("s3", {"endpoint": upstream.url, **keys, "meta_bucket": "meta"})
    await made.start()
    token = context.set_caller(None)
    yield made
    context._caller.reset(token)
    await made.close()


def policy(name: str) -> str:
    """A policy by its id."""
    return json.dumps({"Version": "2012-10-17", "Id": name, "Statement": []})


async def refused(backend: Backend, operation: str, **arguments: Any) -> str:
    """The code of a refusal."""
    with pytest.raises(S3Error) as caught:
        await backend.call(operation, arguments)
    return caught.value.code


async def test_a_bucket_made_again_keeps_its_owner(s3: Backend) -> None:
    """An upstream that makes a bucket twice doesn't give it to somebody else, nor forgets its policy."""
    context.set_caller(ALICE)
    await s3.call("CreateBucket", {"Bucket": "bucket"})
    await s3.call("PutBucketPolicy", {"Bucket": "bucket", "Policy": policy("hers")})
    assert await refused(s3, "CreateBucket", Bucket="bucket") == "BucketAlreadyOwnedByYou"
    context.set_caller(BOB)
    assert await refused(s3, "CreateBucket", Bucket="bucket") == "BucketAlreadyExists"
    assert (await s3.call("GetBucketPolicy", {"Bucket": "bucket"}))["Policy"] == policy("hers")
    assert (await s3.call("GetBucketAcl", {"Bucket": "bucket"}))["Owner"]["ID"] == "alice"


async def made(s3: Backend, account: Account) -> str:
    """What an account is answered that makes a bucket."""
    context.set_caller(account)
    try:
        await s3.call("CreateBucket", {"Bucket": "bucket"})
    except S3Error as error:
        return error.code
    return "made"


@pytest.mark.parametrize("left", [True, False])
async def test_a_bucket_that_two_make_at_once_is_one_s(s3: Backend, plain: Backend, left: bool) -> None:
    """That of whoever is told so, though the upstream says yes to both, and though an earlier bucket left an ACL."""
    for _ in range(10):
        if left:
            await plain.call("PutObject", {"Bucket": "meta", "Key": "vgw-meta-acl-bucket", "Body": b"{}"})
        asking = [ALICE, BOB, ALICE]
        told = await asyncio.gather(*(asyncio.create_task(made(s3, account)) for account in asking))
        assert told.count("made") == 1
        owner = asking[told.index("made")].access
        assert (await s3.call("GetBucketAcl", {"Bucket": "bucket"}))["Owner"]["ID"] == owner
        assert set(told) <= {"made", "BucketAlreadyExists", "BucketAlreadyOwnedByYou"}
        await s3.call("DeleteBucket", {"Bucket": "bucket"})


class Between(Layer):
    """Does something once before an operation is carried out on an object."""

    def __init__(self, inner: Backend, operation: str, key: str, then: Callable[[], Awaitable[object]]) -> None:
        super().__init__(inner)
        self.left = [(operation, key)]
        self.then = then

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """See the base."""
        if (operation, arguments.get("Key")) in self.left:
            self.left.clear()
            await self.then()
        return await self.inner.call(operation, arguments)


async def test_a_bucket_made_while_its_namesake_is_deleted_is_its_maker_s(s3: Any, plain: Backend) -> None:
    """The ACL of the deleted one goes just before the new one's is kept."""
    key = "vgw-meta-acl-bucket"
    await plain.call("PutObject", {"Bucket": "meta", "Key": key, "Body": b"{}"})
    goes = partial(plain.call, "DeleteObject", {"Bucket": "meta", "Key": key})
    s3.objects.service = Between(s3.inner, "PutObject", key, goes)
    assert await made(s3, BOB) == "made"
    assert (await s3.call("GetBucketAcl", {"Bucket": "bucket"}))["Owner"]["ID"] == "bob"


async def test_a_bucket_is_not_taken_from_who_was_quicker(s3: Any) -> None:
    """Somebody makes and owns it after it was seen that nobody had it, on an upstream that makes a bucket twice."""
    s3.objects.service = Between(
        s3.inner, "HeadObject", "vgw-meta-acl-bucket", lambda: asyncio.create_task(made(s3, BOB))
    )
    assert await made(s3, ALICE) == "BucketAlreadyExists"
    assert (await s3.call("GetBucketAcl", {"Bucket": "bucket"}))["Owner"]["ID"] == "bob"


class Hasty(Layer):
    """Lets somebody make a bucket, with a policy, as soon as it is deleted."""

    def __init__(self, inner: Backend, front: Backend) -> None:
        super().__init__(inner)
        self.front = front

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """See the base."""
        answer = await self.inner.call(operation, arguments)
        if operation == "DeleteBucket":
            asking = context.caller()
            assert await made(self.front, BOB) == "made"
            await self.front.call("PutBucketPolicy", {"Bucket": "bucket", "Policy": policy("of bob")})
            context.set_caller(asking)
        return answer


async def test_a_bucket_that_is_made_as_another_is_deleted_keeps_its_owner(s3: Any) -> None:
    """What is kept of the deleted one is removed, not what is kept of the new one."""
    assert await made(s3, ALICE) == "made"
    await s3.call("PutBucketPolicy", {"Bucket": "bucket", "Policy": policy("of alice")})
    s3.inner = Hasty(s3.inner, s3)
    await s3.call("DeleteBucket", {"Bucket": "bucket"})
    assert (await s3.call("GetBucketAcl", {"Bucket": "bucket"}))["Owner"]["ID"] == "bob"
    assert (await s3.call("GetBucketPolicy", {"Bucket": "bucket"}))["Policy"] == policy("of bob")


async def test_an_upstream_without_conditions(s3: Backend, upstream: testing.RunningServer) -> None:
    """Keeps owners as well as it can."""
    upstream.gateway.backend.inner.conditions = False  # type: ignore[attr-defined]
    assert await made(s3, ALICE) == "made"
    assert (await s3.call("GetBucketAcl", {"Bucket": "bucket"}))["Owner"]["ID"] == "alice"
    await s3.call("PutBucketPolicy", {"Bucket": "bucket", "Policy": policy("of alice")})
    await s3.call("DeleteBucket", {"Bucket": "bucket"})
    assert await made(s3, BOB) == "made"
    assert await refused(s3, "GetBucketPolicy", Bucket="bucket") == "NoSuchBucketPolicy"


async def test_what_an_earlier_bucket_left_behind_goes(s3: Backend, plain: Backend) -> None:
    """Objects kept of a bucket that was removed behind our back don't stand in the way of a new one."""
    for kind in ("acl", "policy", "cors"):
        await plain.call("PutObject", {"Bucket": "meta", "Key": f"vgw-meta-{kind}-bucket", "Body": b"{}"})
    context.set_caller(BOB)
    await s3.call("CreateBucket", {"Bucket": "bucket"})
    assert (await s3.call("GetBucketAcl", {"Bucket": "bucket"}))["Owner"]["ID"] == "bob"
    assert await refused(s3, "GetBucketPolicy", Bucket="bucket") == "NoSuchBucketPolicy"


async def test_an_owner_that_can_not_be_kept_leaves_no_bucket(
    s3: Backend, plain: Backend, upstream: testing.RunningServer
) -> None:
    """CreateBucket says yes only if the owner is kept too."""
    upstream.gateway.backend.inner.refuse = "PutObject"  # type: ignore[attr-defined]
    context.set_caller(ALICE)
    assert await refused(s3, "CreateBucket", Bucket="bucket") == "AccessDenied"
    assert await refused(plain, "HeadBucket", Bucket="bucket") == "NoSuchBucket"


async def test_a_policy_of_an_earlier_bucket_that_can_not_go_leaves_no_bucket(
    s3: Backend, plain: Backend, upstream: testing.RunningServer
) -> None:
    """Nobody is given a bucket with another's policy."""
    await plain.call("PutObject", {"Bucket": "meta", "Key": "vgw-meta-policy-bucket", "Body": b"{}"})
    upstream.gateway.backend.inner.refuse = "DeleteObject"  # type: ignore[attr-defined]
    context.set_caller(BOB)
    assert await refused(s3, "CreateBucket", Bucket="bucket") == "AccessDenied"
    assert await refused(plain, "HeadBucket", Bucket="bucket") == "NoSuchBucket"


async def test_a_meta_bucket_that_is_gone_is_no_missing_bucket(s3: Backend, plain: Backend) -> None:
    """Without the meta bucket nobody knows what is kept of a bucket that is there."""
    await plain.call("CreateBucket", {"Bucket": "bucket"})
    await plain.call("DeleteBucket", {"Bucket": "meta"})
    assert await refused(s3, "GetBucketPolicy", Bucket="bucket") == "ServiceUnavailable"
    assert await refused(s3, "PutBucketAcl", Bucket="bucket", ACL="private") == "ServiceUnavailable"


async def test_everybody_sees_their_own(s3: Backend) -> None:
    """Root sees all buckets but the meta bucket, others those they made."""
    for account in (ALICE, BOB):
        context.set_caller(account)
        await s3.call("CreateBucket", {"Bucket": f"of-{account.access}"})
    assert [entry["Name"] for entry in (await s3.call("ListBuckets", {}))["Buckets"]] == ["of-bob"]
    context.set_caller(Account("root", "secret", Role.ADMIN, root=True))
    assert [entry["Name"] for entry in (await s3.call("ListBuckets", {}))["Buckets"]] == ["of-alice", "of-bob"]


async def test_grants_are_kept_and_the_upstream_knows_none(s3: Backend, plain: Backend) -> None:
    """An ACL is kept as the compatible gateway has it."""
    context.set_caller(ALICE)
    ownership = {"ObjectOwnership": "BucketOwnerPreferred"}
    await s3.call("CreateBucket", {"Bucket": "bucket", "ACL": "public-read", **ownership})
    kept = await plain.call("GetObject", {"Bucket": "meta", "Key": "vgw-meta-acl-bucket"})
    everybody = {"Permission": "READ", "Access": "all-users", "Type": "Group"}
    mine = {"Permission": "FULL_CONTROL", "Access": "alice", "Type": "CanonicalUser"}
    assert json.loads(await kept["Body"].read()) == {"Owner": "alice", "Grantees": [mine, everybody]}


async def test_grants_change_where_there_are_any(s3: Backend) -> None:
    """PutBucketAcl keeps the owner; where ownership turns ACLs off it is refused."""
    context.set_caller(ALICE)
    await s3.call("CreateBucket", {"Bucket": "bucket", "ObjectOwnership": "ObjectWriter"})
    await s3.call("PutBucketAcl", {"Bucket": "bucket", "GrantRead": 'id="bob"'})
    found = await s3.call("GetBucketAcl", {"Bucket": "bucket"})
    assert (found["Owner"]["ID"], [(g["Grantee"]["ID"], g["Permission"]) for g in found["Grants"]]) == (
        "alice",
        [("bob", "READ")],
    )
    await s3.call("CreateBucket", {"Bucket": "other"})
    assert await refused(s3, "PutBucketAcl", Bucket="other", ACL="public-read") == "AccessControlListNotSupported"


async def test_the_website_is_kept_as_its_document(s3: Backend, plain: Backend) -> None:
    """A website configuration lies there as XML, and is gone when it is deleted."""
    website = {"IndexDocument": {"Suffix": "index.html"}}
    await s3.call("CreateBucket", {"Bucket": "bucket"})
    await s3.call("PutBucketWebsite", {"Bucket": "bucket", "WebsiteConfiguration": website})
    kept = await plain.call("GetObject", {"Bucket": "meta", "Key": "vgw-meta-website-bucket"})
    assert b"<Suffix>index.html</Suffix>" in await kept["Body"].read()
    assert await s3.call("GetBucketWebsite", {"Bucket": "bucket"}) == website
    await s3.call("DeleteBucketWebsite", {"Bucket": "bucket"})
    assert await refused(s3, "GetBucketWebsite", Bucket="bucket") == "NoSuchWebsiteConfiguration"


@pytest.mark.parametrize("operation", ["GetBucketPolicy", "PutBucketCors", "GetBucketAcl", "PutBucketAcl"])
async def test_no_bucket_no_configuration(s3: Backend, operation: str) -> None:
    """Nothing is kept of, or told about, a bucket that isn't there."""
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    arguments: dict[str, Any] = {"Bucket": "none"}
    if operation == "PutBucketCors":
        arguments["CORSConfiguration"] = {"CORSRules": [rule]}
    if operation == "PutBucketAcl":
        arguments["ACL"] = "private"
    assert await refused(s3, operation, **arguments) == "NoSuchBucket"


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("HeadBucket", {}),
        ("DeleteBucket", {}),
        ("PutObject", {"Key": "vgw-meta-acl-bucket", "Body": b"{}"}),
        ("CopyObject", {"Bucket": "bucket", "Key": "k", "CopySource": "meta/vgw-meta-acl-bucket"}),
        ("UploadPartCopy", {"Bucket": "bucket", "Key": "k", "CopySource": {"Bucket": "meta", "Key": "k"}}),
    ],
)
async def test_nobody_reaches_the_meta_bucket(s3: Backend, operation: str, arguments: dict[str, Any]) -> None:
    """Neither as a bucket nor as the source of a copy."""
    assert await refused(s3, operation, **{"Bucket": "meta", **arguments}) == "AccessDenied"


async def test_a_bucket_is_given_away(s3: Backend) -> None:
    """The new owner is kept in the meta bucket, and the policy goes."""
    context.set_caller(ALICE)
    await s3.call("CreateBucket", {"Bucket": "hers"})
    await s3.call("PutBucketPolicy", {"Bucket": "hers", "Policy": json.dumps({"Statement": []})})
    await s3.call("ChangeBucketOwner", {"Bucket": "hers", "Owner": "bob"})
    assert (await s3.call("GetBucketAcl", {"Bucket": "hers"}))["Owner"]["ID"] == "bob"
    with pytest.raises(S3Error, match="NoSuchBucketPolicy"):
        await s3.call("GetBucketPolicy", {"Bucket": "hers"})
