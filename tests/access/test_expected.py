"""Whose a bucket is expected to be, and what copying tags needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

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
