"""Objects that aren't the bucket owner's, and ACLs of objects: "Access control list (ACL) overview"."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.access.test_decisions import DENIED, OK, get, outcome

Of = Callable[[str], Any]

EVERYBODY = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}


def allow(client: Of, bucket: str, *actions: str, who: Any = "*") -> None:
    """Let somebody do something to all objects, by the bucket's policy."""
    row = {"Effect": "Allow", "Principal": who, "Action": list(actions), "Resource": f"arn:aws:s3:::{bucket}/*"}
    client("owner").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": [row]}))


@pytest.fixture
def foreign(client: Of, bucket: str) -> str:
    """A bucket with an object "k" that alice wrote, and owns."""
    client("owner").put_bucket_acl(Bucket=bucket, GrantWrite="id=alice", GrantFullControl="id=owner")
    client("alice").put_object(Bucket=bucket, Key="k", Body=b"x")
    return bucket


def test_an_object_is_its_writer_s(client: Of, foreign: str) -> None:
    """Who may read it and its ACL, and let others do so; the bucket's owner may not, and can yet delete it."""
    alice, owner = client("alice"), client("owner")
    assert alice.get_object_acl(Bucket=foreign, Key="k")["Owner"]["ID"] == "alice"
    assert owner.list_objects_v2(Bucket=foreign, FetchOwner=True)["Contents"][0]["Owner"]["ID"] == "alice"
    assert (get(alice, foreign), get(owner, foreign), get(client("bob"), foreign)) == (OK, DENIED, DENIED)
    alice.put_object_acl(Bucket=foreign, Key="k", GrantRead="id=bob")
    assert (get(alice, foreign), get(owner, foreign), get(client("bob"), foreign)) == (OK, DENIED, OK)
    assert outcome(owner.delete_object, Bucket=foreign, Key="k") == OK


def test_a_policy_does_not_speak_of_others_objects(client: Of, foreign: str) -> None:
    """Until the bucket's owner owns everything; what it denies it denies."""
    allow(client, foreign, "s3:GetObject")
    assert get(client("bob"), foreign) == DENIED
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    client("owner").put_bucket_acl(Bucket=foreign, ACL="private")
    client("owner").put_bucket_ownership_controls(Bucket=foreign, OwnershipControls=rules)
    assert (get(client("bob"), foreign), get(client("owner"), foreign), get(client("alice"), foreign)) == (OK,) * 3
    client("owner").delete_bucket_policy(Bucket=foreign)
    assert (get(client("owner"), foreign), get(client("alice"), foreign)) == (OK, DENIED)


def test_a_denial_binds_the_owner_of_an_object(client: Of, foreign: str) -> None:
    """And whoever it is granted to."""
    client("alice").put_object_acl(Bucket=foreign, Key="k", ACL="public-read")
    row = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{foreign}/*"}
    client("owner").put_bucket_policy(Bucket=foreign, Policy=json.dumps({"Statement": row}))
    assert {get(client(who), foreign) for who in ("alice", "bob", "anonymous", "owner")} == {DENIED}


@pytest.mark.parametrize(
    ("setting", "acl", "owner"),
    [
        ("ObjectWriter", None, "alice"),
        ("ObjectWriter", "bucket-owner-full-control", "alice"),
        ("BucketOwnerPreferred", None, "alice"),
        ("BucketOwnerPreferred", "private", "alice"),
        ("BucketOwnerPreferred", "bucket-owner-full-control", "owner"),
        ("BucketOwnerEnforced", None, "owner"),
        ("BucketOwnerEnforced", "bucket-owner-full-control", "owner"),
    ],
)
def test_whose_a_new_object_is(client: Of, bucket: str, setting: str, acl: str | None, owner: str) -> None:
    """By the bucket's setting, and full control for its owner lets that owner read in any case."""
    asked = {"ACL": acl} if acl else {}
    rules = {"Rules": [{"ObjectOwnership": setting}]}
    client("owner").put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)
    allow(client, bucket, "s3:PutObject", "s3:PutObjectAcl", who={"AWS": "alice"})
    client("alice").put_object(Bucket=bucket, Key="new", **asked)
    assert client("root").get_object_acl(Bucket=bucket, Key="new")["Owner"]["ID"] == owner
    full = owner == "owner" or acl == "bucket-owner-full-control"
    assert outcome(client("owner").get_object, Bucket=bucket, Key="new") == (OK if full else DENIED)


def test_parts_and_copies_are_their_writer_s_too(client: Of, foreign: str) -> None:
    """An upload is its initiator's, whoever completes it."""
    alice = client("alice")
    upload = alice.create_multipart_upload(Bucket=foreign, Key="parts")
    named = {"Bucket": foreign, "Key": "parts", "UploadId": upload["UploadId"]}
    part = {"PartNumber": 1, "ETag": alice.upload_part(**named, PartNumber=1, Body=b"x")["ETag"]}
    client("owner").complete_multipart_upload(**named, MultipartUpload={"Parts": [part]})
    alice.copy_object(Bucket=foreign, Key="copy", CopySource=f"{foreign}/k")
    for key in ("parts", "copy"):
        assert alice.get_object_acl(Bucket=foreign, Key=key)["Owner"]["ID"] == "alice"


GRANTED = [
    ("READ", {"get_object", "head_object"}),
    ("READ_ACP", {"get_object_acl"}),
    ("WRITE_ACP", {"put_object_acl"}),
    ("WRITE", set()),
    ("FULL_CONTROL", {"get_object", "head_object", "get_object_acl", "put_object_acl"}),
]


@pytest.mark.parametrize("who", ["bob", "anonymous"])
@pytest.mark.parametrize(("permission", "operations"), GRANTED)
def test_what_a_grant_allows(client: Of, bucket: str, who: str, permission: str, operations: set[str]) -> None:
    """By name, or as one of everybody."""
    grantee = EVERYBODY if who == "anonymous" else {"Type": "CanonicalUser", "ID": "bob"}
    grants = {"Owner": {"ID": "owner"}, "Grants": [{"Grantee": grantee, "Permission": permission}]}
    client("owner").put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy=grants)
    named: dict[str, Any] = {"Bucket": bucket, "Key": "k"}
    calls: dict[str, dict[str, Any]] = {
        "get_object": {},
        "head_object": {},
        "get_object_acl": {},
        "get_object_tagging": {},
        "put_object_tagging": {"Tagging": {"TagSet": []}},
        "put_object": {"Body": b"y"},
        "delete_object": {},
        "put_object_acl": {"AccessControlPolicy": grants},
    }
    allowed = {name for name, more in calls.items() if outcome(getattr(client(who), name), **named, **more) == OK}
    assert allowed == operations


@pytest.mark.parametrize(
    ("switch", "call", "expected"),
    [
        ("IgnorePublicAcls", "get_object", DENIED),
        ("RestrictPublicBuckets", "get_object", OK),
        ("BlockPublicAcls", "get_object", OK),
        ("BlockPublicAcls", "put_object", DENIED),
        ("BlockPublicAcls", "put_object_acl", DENIED),
        ("BlockPublicAcls", "create_multipart_upload", DENIED),
        ("BlockPublicPolicy", "put_object_acl", OK),
    ],
)
def test_public_access_block(client: Of, bucket: str, switch: str, call: str, expected: str) -> None:
    """What is public is ignored, or refused to everybody; reading is tried by nobody, the rest by root."""
    client("owner").put_object_acl(Bucket=bucket, Key="k", ACL="public-read")
    client("owner").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={switch: True})
    if call == "get_object":
        assert get(client("anonymous"), bucket) == expected
    else:
        assert outcome(getattr(client("root"), call), Bucket=bucket, Key="k", ACL="public-read") == expected


def test_a_copy_needs_the_source_s_owner(client: Of, foreign: str) -> None:
    """The bucket's owner can't read it by copying."""
    copy = {"Bucket": foreign, "Key": "mine", "CopySource": f"{foreign}/k"}
    assert outcome(client("owner").copy_object, **copy) == DENIED
    client("alice").put_object_acl(Bucket=foreign, Key="k", GrantRead="id=owner")
    assert outcome(client("owner").copy_object, **copy) == OK


def test_a_missing_key_is_403_to_who_may_not_list(client: Of, foreign: str) -> None:
    """HEAD too, and for grantees of a bucket's ACL."""
    for who, status in (("alice", "403"), ("owner", "404"), ("anonymous", "403")):
        assert outcome(client(who).head_object, Bucket=foreign, Key="no/such") == status
