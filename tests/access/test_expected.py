"""Whose a bucket is expected to be, and what copying tags needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import urllib3
from botocore.config import Config

import colonnade.testing
from colonnade.backends import load
from tests.access.conftest import Known
from tests.access.test_decisions import DENIED, OK, outcome

Of = Callable[[str], Any]


@pytest.mark.parametrize("who", ["root", "owner"])
@pytest.mark.parametrize(("expected", "code"), [("owner", OK), ("alice", DENIED)])
def test_expected_owner(client: Of, bucket: str, who: str, expected: str, code: str) -> None:
    """Whatever is asked, and whoever asks."""
    named = {"Bucket": bucket, "ExpectedBucketOwner": expected}
    asking = client(who)
    assert outcome(asking.get_object, **named, Key="k") == code
    assert outcome(asking.put_object, **named, Key="k") == code
    assert outcome(asking.list_objects_v2, **named) == code
    assert outcome(asking.get_bucket_acl, **named) == code
    assert outcome(asking.head_bucket, **named) == (code if code == OK else "403")


@pytest.mark.parametrize(("expected", "code"), [("owner", OK), ("alice", DENIED)])
def test_expected_owner_of_the_source(client: Of, bucket: str, expected: str, code: str) -> None:
    """Of copies, in one or in parts."""
    owner, named = client("owner"), {"Bucket": bucket, "Key": "new"}
    source = {"CopySource": f"{bucket}/k", "ExpectedSourceBucketOwner": expected}
    assert outcome(owner.copy_object, **named, **source) == code
    upload = owner.create_multipart_upload(**named)["UploadId"]
    assert outcome(owner.upload_part_copy, **named, **source, UploadId=upload, PartNumber=1) == code


def test_of_a_bucket_that_is_not_there(client: Of) -> None:
    """NoSuchBucket."""
    assert outcome(client("root").list_objects_v2, Bucket="no-such", ExpectedBucketOwner="root") == "NoSuchBucket"


def test_of_a_bucket_that_no_gateway_made(tmp_path: Path) -> None:
    """It is expected to be root's, and is so in conditions."""
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket" / "k").write_bytes(b"x")
    with colonnade.testing.server(load("posix", {"path": str(tmp_path)}), accounts=Known()) as running:
        root, alice = (client_of(running, name) for name in ("root", "alice"))
        for expected, code in (("root", OK), ("owner", DENIED)):
            assert outcome(root.get_object, Bucket="bucket", Key="k", ExpectedBucketOwner=expected) == code
            allow = {"Effect": "Allow", "Principal": {"AWS": "alice"}, "Action": "s3:GetObject"}
            where = {"Condition": {"StringEquals": {"aws:ResourceAccount": expected}}}
            policy = {"Statement": {**allow, **where, "Resource": "arn:aws:s3:::bucket/*"}}
            root.put_bucket_policy(Bucket="bucket", Policy=json.dumps(policy))
            assert outcome(alice.get_object, Bucket="bucket", Key="k") == code


def client_of(running: Any, name: str) -> Any:
    """A client of an account's."""
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    keys = {"aws_access_key_id": name, "aws_secret_access_key": name}
    return boto3.client("s3", **{**running.boto3, **keys}, config=config)


def test_a_new_bucket_is_expected_of_nobody(client: Of) -> None:
    """CreateBucket has no such header; one that is sent all the same says nothing."""
    owner = client("owner")
    assert outcome(owner.create_bucket, Bucket="expected-new") == OK
    owner.meta.events.register("before-sign.s3.CreateBucket", expecting)
    assert outcome(owner.create_bucket, Bucket="expected-newer") == OK
    owner.meta.events.unregister("before-sign.s3.CreateBucket", expecting)


def expecting(request: Any, **_: Any) -> None:
    """Expect another's bucket."""
    request.headers.add_header("x-amz-expected-bucket-owner", "alice")


@pytest.mark.parametrize(("expected", "status"), [("owner", 204), ("alice", 403)])
@pytest.mark.parametrize("in_form", [True, False])
def test_expected_owner_of_a_form(client: Of, bucket: str, expected: str, status: int, in_form: bool) -> None:
    """In one of its fields, or in a header of the request."""
    named = {"x-amz-expected-bucket-owner": expected}
    signed, sent = (named, {}) if in_form else ({}, named)
    form = client("owner").generate_presigned_post(bucket, "form", Fields=signed, Conditions=[signed] if signed else [])
    got = urllib3.request("POST", form["url"], fields={**form["fields"], "file": ("file", b"x")}, headers=sent)
    assert got.status == status


COPYING = ("s3:GetObject", "s3:PutObject")


@pytest.mark.parametrize(
    ("actions", "key", "more", "expected"),
    [
        (COPYING, "k", {}, DENIED),
        (COPYING, "untagged", {}, OK),
        (COPYING, "k", {"TaggingDirective": "REPLACE"}, OK),
        ((*COPYING, "s3:GetObjectTagging"), "k", {}, DENIED),
        ((*COPYING, "s3:PutObjectTagging"), "k", {}, DENIED),
        ((*COPYING, "s3:GetObjectTagging", "s3:PutObjectTagging"), "k", {}, OK),
    ],
)
def test_copying_tags(client: Of, bucket: str, actions: tuple[str, ...], key: str, more: Any, expected: str) -> None:
    """They are read and written too, if there are any."""
    client("owner").put_object(Bucket=bucket, Key="untagged")
    row = {"Effect": "Allow", "Principal": {"AWS": "alice"}, "Action": actions, "Resource": f"arn:aws:s3:::{bucket}/*"}
    client("owner").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": row}))
    copy = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/{key}"}
    assert outcome(client("alice").copy_object, **copy, **more) == expected


@pytest.mark.parametrize(("directive", "expected"), [("COPY", DENIED), ("REPLACE", OK)])
def test_tags_that_a_copy_does_not_set(client: Of, bucket: str, directive: str, expected: str) -> None:
    """A header with tags says nothing where the source's are taken."""
    row = {"Effect": "Allow", "Principal": {"AWS": "alice"}, "Action": "s3:*", "Resource": f"arn:aws:s3:::{bucket}/*"}
    wanted = {"StringNotEquals": {"s3:RequestObjectTag/class": "open"}}
    deny = {**row, "Effect": "Deny", "Action": "s3:PutObject", "Condition": wanted}
    client("owner").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [row, deny]}))
    copy = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/k", "TaggingDirective": directive}
    assert outcome(client("alice").copy_object, **copy, Tagging="class=open") == expected


def test_and_they_need_no_permission(client: Of, bucket: str) -> None:
    """A header with tags asks for nothing where the source's are taken, which has none."""
    client("owner").put_object(Bucket=bucket, Key="untagged")
    row = {"Effect": "Allow", "Principal": {"AWS": "alice"}, "Action": COPYING, "Resource": f"arn:aws:s3:::{bucket}/*"}
    client("owner").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": row}))
    copy = {"Bucket": bucket, "Key": "copy", "CopySource": f"{bucket}/untagged", "Tagging": "a=b"}
    assert outcome(client("alice").copy_object, **copy) == OK
    assert client("root").get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == []
