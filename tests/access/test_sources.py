"""A copy has what was judged: a source that is replaced meanwhile is judged again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

import colonnade.testing
from colonnade import context
from colonnade.backend import Answer, Arguments, Layer
from colonnade.backends import load
from colonnade.body import as_body
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account
from tests.access.conftest import Known
from tests.access.test_decisions import DENIED, OK, outcome

#: Tags, who is granted the object, and the body.
OPEN, SHUT = ("class=open", "id=alice", b"open"), ("class=shut", "id=owner", b"shut")
OTHER = ("class=open", "id=alice", b"other")


class Replacing(Layer):
    """Replaces an object once what it is judged by has been told: `then` says by what, one after another."""

    then: tuple[tuple[str, str, bytes], ...] = ()
    after = ("GetObjectTagging", "GetObjectAcl")
    #: The code of the error that a look at an object is answered with.
    refuses = ""

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """See the base."""
        if operation == "HeadObject" and self.refuses:
            raise S3Error(self.refuses)
        answer = await self.inner.call(operation, arguments)
        if operation in self.after and arguments["Key"] == "k" and self.then:
            tags, who, data = self.then[0]
            self.then = self.then[1:]
            put = {"Tagging": tags, "GrantRead": who, "Body": as_body(data)}
            asking = context.caller()
            context.set_caller(Account("owner", "owner"))
            await self.inner.call("PutObject", {"Bucket": "bucket", "Key": "k", **put})
            context.set_caller(asking)
        return answer


@pytest.fixture
def replacing() -> Iterator[tuple[Replacing, Any, Any]]:
    """The layer, and clients of the owner and of alice, who may read what is open."""
    layer = Replacing(load("memory", {}))
    with colonnade.testing.server(layer, accounts=Known()) as running:
        clients = []
        for name in ("owner", "alice"):
            keys = {"aws_access_key_id": name, "aws_secret_access_key": name}
            config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
            clients.append(boto3.client("s3", **{**running.boto3, **keys}, config=config))
        clients[0].create_bucket(Bucket="bucket", ObjectOwnership="ObjectWriter")
        yield layer, clients[0], clients[1]


def given(owner: Any, by: str) -> None:
    """Let alice write, and read what is open: `by` its tags or its ACL."""
    allow = {"Effect": "Allow", "Principal": {"AWS": "alice"}, "Resource": "arn:aws:s3:::bucket/*"}
    writes = {**allow, "Action": ["s3:PutObject", "s3:*ObjectTagging"]}
    reads = {**allow, "Action": "s3:GetObject", "Condition": {"StringEquals": {"s3:ExistingObjectTag/class": "open"}}}
    policy = {"Statement": [writes, reads] if by == "tags" else [writes]}
    owner.put_bucket_policy(Bucket="bucket", Policy=json.dumps(policy))
    tags, who, data = OPEN
    grants = {} if by == "tags" else {"GrantRead": who}
    owner.put_object(Bucket="bucket", Key="k", Body=data, Tagging=tags, **grants)


@pytest.mark.parametrize("by", ["tags", "acl"])
@pytest.mark.parametrize("in_parts", [True, False])
@pytest.mark.parametrize(("then", "code"), [((SHUT,), DENIED), ((OTHER,), OK), ((), OK)])
def test_what_is_copied_is_what_was_judged(
    replacing: tuple[Replacing, Any, Any], by: str, in_parts: bool, then: Any, code: str
) -> None:
    """Whether it is judged by tags or by its ACL, and copied whole or as a part."""
    layer, owner, alice = replacing
    given(owner, by)
    to = {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/k"}
    upload = alice.create_multipart_upload(Bucket="bucket", Key="copy")["UploadId"]
    layer.then = then
    if in_parts:
        assert outcome(alice.upload_part_copy, **to, UploadId=upload, PartNumber=1) == code
    else:
        assert outcome(alice.copy_object, **to) == code


@pytest.mark.parametrize("by", ["tags", "acl"])
def test_what_a_look_at_the_source_tells(replacing: tuple[Replacing, Any, Any], by: str) -> None:
    """Is told to those alone who may read it."""
    layer, owner, alice = replacing
    given(owner, by)
    owner.put_object(Bucket="bucket", Key="shut", Tagging="class=shut")
    layer.refuses = "InvalidRequest"
    for key, code in (("k", "InvalidRequest"), ("shut", DENIED), ("none", DENIED)):
        assert outcome(alice.copy_object, Bucket="bucket", Key="copy", CopySource=f"bucket/{key}") == code
