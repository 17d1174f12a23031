"""The table of decisions: who may do what to which bucket, some three thousand rows over HTTP.

Rows are made from the oracle beside this file; ROWS, taken from Amazon's documentation by hand, say whether the
oracle itself can be believed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

import colonnade.testing
from colonnade.backends import load
from tests.access import oracle
from tests.access.conftest import Known
from tests.access.oracle import ENFORCED, PREFERRED, WRITER, Setup, Statement

WHO = ("admin", "owner", "alice", "bob", "anonymous")

READ, EVERYTHING = ("s3:GetObject",), ("s3:*",)
OPEN = Statement("Allow", ("*",), READ)
ALICE = Statement("Allow", ("alice",), EVERYTHING)
READS = Statement("Allow", ("alice",), ("s3:GetObject", "s3:GetObjectVersion"))
WRITES = Statement("Allow", ("alice",), ("s3:PutObject", "s3:DeleteObject"))
LISTS = Statement("Allow", ("alice", "bob"), ("s3:ListBucket", "s3:GetObjectAcl", "s3:GetBucketPolicy"))
NOT_ALICE = Statement("Deny", ("alice",), READ)
NOBODY = Statement("Deny", ("*",), EVERYTHING)
ONLY_OWNER = Statement("Deny", ("owner",), EVERYTHING, but=True)

PUBLIC, SHARED = {"ACL": "public-read"}, {"ACL": "public-read-write"}
FULL = {"ACL": "bucket-owner-full-control"}

POLICIES: list[tuple[Statement, ...]] = [
    (),
    (OPEN,),
    (ALICE,),
    (READS,),
    (WRITES, LISTS),
    (OPEN, NOT_ALICE),
    (ALICE, NOBODY),
    (ALICE, ONLY_OWNER),
]
SETUPS = [
    *(Setup(policy=policy) for policy in POLICIES),
    *(Setup(WRITER, PUBLIC, PUBLIC, policy) for policy in POLICIES),
    *(Setup(ownership, policy=(OPEN,), object_acl=FULL) for ownership in (PREFERRED, WRITER)),
    Setup(PREFERRED, SHARED, {"ACL": "authenticated-read"}, (), ("IgnorePublicAcls",)),
    *(
        Setup(ENFORCED, policy=(OPEN, READS), block=(block,))
        for block in ("RestrictPublicBuckets", "BlockPublicPolicy")
    ),
    *(Setup(WRITER, SHARED, PUBLIC, (ALICE,), (block,)) for block in ("IgnorePublicAcls", "BlockPublicAcls")),
    Setup(WRITER, PUBLIC, PUBLIC, (OPEN,), ("RestrictPublicBuckets", "IgnorePublicAcls")),
    Setup(WRITER, {"GrantRead": "id=bob"}, {"GrantRead": "id=bob"}),
    Setup(WRITER, {"GrantWrite": "id=bob"}, {"GrantReadACP": "id=bob"}),
    Setup(WRITER, {"GrantFullControl": "id=bob"}, {"GrantFullControl": "id=bob"}),
    Setup(WRITER, {"GrantReadACP": "id=bob"}, {"GrantWriteACP": "id=bob"}, (NOT_ALICE,)),
    Setup(PREFERRED, {"ACL": "authenticated-read"}, {"ACL": "bucket-owner-read"}),
]

_count = itertools.count()


@pytest.fixture(scope="module")
def of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """Clients of a served directory, by the name of their account."""
    backend = load("posix", {"path": str(tmp_path_factory.mktemp("table")), "fsync": False})
    with colonnade.testing.server(backend, accounts=Known()) as running, ExitStack() as stack:
        made = {}
        for name in WHO:
            version = UNSIGNED if name == "anonymous" else "s3v4"
            config = Config(
                retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version=version
            )
            keys = {"aws_access_key_id": name, "aws_secret_access_key": name}
            made[name] = boto3.client("s3", **{**running.boto3, **keys}, config=config)
            stack.callback(made[name].close)
        yield made.__getitem__


def build(of: Callable[[str], Any], setup: Setup) -> str:
    """A bucket as a setup has it."""
    owner, alice, bucket = of("owner"), of("alice"), f"table-{next(_count)}"
    owner.create_bucket(Bucket=bucket, ObjectOwnership=setup.ownership)
    put_policy(owner, bucket, (ALICE,))
    for who, key in ((owner, "k"), (owner, "acl"), (alice, "theirs")):
        who.put_object(Bucket=bucket, Key=key, Body=b"x", **setup.object_acl)
    if setup.bucket_acl:
        owner.put_bucket_acl(Bucket=bucket, **setup.bucket_acl)
    if setup.policy:
        put_policy(owner, bucket, setup.policy)
    else:
        owner.delete_bucket_policy(Bucket=bucket)
    if setup.block:
        block = dict.fromkeys(setup.block, True)
        owner.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    return bucket


def put_policy(owner: Any, bucket: str, policy: tuple[Statement, ...]) -> None:
    """Put a policy about a bucket and all that is in it."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    rows = [
        {
            "Effect": statement.effect,
            "NotPrincipal" if statement.but else "Principal": {"AWS": list(statement.who)},
            "Action": list(statement.actions),
            "Resource": resources,
        }
        for statement in policy
    ]
    owner.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": rows}))


def calls(setup: Setup, who: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Each operation as boto3 has it. What a write changes nobody else looks at."""
    key = {"Key": "k"}
    same_acl = setup.object_acl if setup.ownership != ENFORCED and setup.object_acl else FULL
    return {
        "list": ("list_objects_v2", {}),
        "list versions": ("list_object_versions", {}),
        "list uploads": ("list_multipart_uploads", {}),
        "location": ("get_bucket_location", {}),
        "bucket acl": ("get_bucket_acl", {}),
        "get": ("get_object", key),
        "head": ("head_object", key),
        "get theirs": ("get_object", {"Key": "theirs"}),
        "get version": ("get_object", {**key, "VersionId": "null"}),
        "object acl": ("get_object_acl", key),
        "their acl": ("get_object_acl", {"Key": "theirs"}),
        "put object acl": ("put_object_acl", {"Key": "acl", **same_acl}),
        "tags": ("get_object_tagging", key),
        "put": ("put_object", {"Key": f"by-{who}", "Body": b"y"}),
        "put public": ("put_object", {"Key": f"open-{who}", "Body": b"y", "ACL": "public-read"}),
        "delete": ("delete_object", {"Key": "nothing"}),
        "missing": ("get_object", {"Key": "no/such"}),
        "copy": ("copy_object", {"Key": f"copy-{who}", "CopySource": {"Bucket": "", "Key": "k"}}),
        "begin upload": ("create_multipart_upload", {"Key": "parts"}),
        "delete version": ("delete_object", {"Key": "nothing", "VersionId": "null"}),
        "head missing": ("head_object", {"Key": "no/such"}),
        "policy": ("get_bucket_policy", {}),
    }


def asked(client: Any, bucket: str, method: str, arguments: dict[str, Any]) -> str:
    """What is answered."""
    if "CopySource" in arguments:
        arguments = {**arguments, "CopySource": {"Bucket": bucket, "Key": "k"}}
    try:
        getattr(client, method)(Bucket=bucket, **arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "ok"


@pytest.mark.parametrize("number", range(len(SETUPS)))
def test_everybody_is_answered_as_amazon_would(of: Callable[[str], Any], number: int) -> None:
    """All operations by all callers on one bucket."""
    setup = SETUPS[number]
    bucket = build(of, setup)
    wrong = {}
    for who in WHO:
        for name, (method, arguments) in calls(setup, who).items():
            got, expected = asked(of(who), bucket, method, arguments), oracle.outcome(setup, who, name)
            if got != expected:
                wrong[who, name] = f"{got}, not {expected}"
    assert not wrong, setup


ROWS: list[tuple[Setup, str, str, str]] = [
    # "By default, all Amazon S3 resources are private": only the owner has access.
    (Setup(), "owner", "get", "ok"),
    (Setup(), "alice", "get", "AccessDenied"),
    (Setup(), "bob", "head", "403"),
    (Setup(), "anonymous", "get", "AccessDenied"),
    (Setup(), "anonymous", "list", "AccessDenied"),
    (Setup(), "alice", "put", "AccessDenied"),
    (Setup(), "alice", "delete", "AccessDenied"),
    # Bucket owner enforced: "the bucket owner automatically owns and has full control over every object".
    (Setup(), "owner", "get theirs", "ok"),
    (Setup(), "alice", "get theirs", "AccessDenied"),
    (Setup(policy=(OPEN,)), "bob", "get theirs", "ok"),
    (Setup(), "owner", "put public", "AccessControlListNotSupported"),
    # Policies: anybody may be allowed; what isn't named is not.
    (Setup(policy=(OPEN,)), "anonymous", "get", "ok"),
    (Setup(policy=(OPEN,)), "anonymous", "get version", "AccessDenied"),
    (Setup(policy=(WRITES,)), "alice", "begin upload", "ok"),
    (Setup(policy=(Statement("Allow", ("*",), EVERYTHING),)), "anonymous", "begin upload", "AccessDenied"),
    (Setup(policy=(WRITES,)), "alice", "delete version", "AccessDenied"),
    (Setup(policy=(READS,)), "alice", "head missing", "403"),
    (Setup(policy=(ALICE,)), "alice", "head missing", "404"),
    (Setup(policy=(OPEN,)), "anonymous", "list", "AccessDenied"),
    (Setup(policy=(OPEN,)), "alice", "object acl", "AccessDenied"),
    (Setup(policy=(WRITES, LISTS)), "alice", "put", "ok"),
    (Setup(policy=(WRITES, LISTS)), "bob", "put", "AccessDenied"),
    (Setup(policy=(WRITES, LISTS)), "alice", "copy", "AccessDenied"),
    # "If the object you request doesn't exist, the error depends on whether you also have s3:ListBucket."
    (Setup(policy=(OPEN,)), "bob", "missing", "AccessDenied"),
    (Setup(policy=(OPEN, LISTS)), "bob", "missing", "NoSuchKey"),
    # "An explicit deny overrides any allow", for the owner too, who can still mend the policy.
    (Setup(policy=(OPEN, NOT_ALICE)), "alice", "get", "AccessDenied"),
    (Setup(policy=(OPEN, NOT_ALICE)), "bob", "get", "ok"),
    (Setup(policy=(ALICE, NOBODY)), "owner", "get", "AccessDenied"),
    (Setup(policy=(ALICE, NOBODY)), "owner", "policy", "ok"),
    (Setup(policy=(ALICE, NOBODY)), "admin", "get", "ok"),
    (Setup(policy=(ALICE, ONLY_OWNER)), "owner", "get", "ok"),
    (Setup(policy=(ALICE, ONLY_OWNER)), "alice", "get", "AccessDenied"),
    # Policies are the owner's account's: "405 Method Not Allowed" for others who are allowed.
    (Setup(policy=(LISTS,)), "alice", "policy", "MethodNotAllowed"),
    (Setup(), "alice", "policy", "AccessDenied"),
    (Setup(), "owner", "policy", "NoSuchBucketPolicy"),
    # A bucket's READ is listing, an object's READ is reading.
    (Setup(WRITER, PUBLIC), "anonymous", "list", "ok"),
    (Setup(WRITER, PUBLIC), "anonymous", "get", "AccessDenied"),
    (Setup(WRITER, {}, PUBLIC), "anonymous", "get", "ok"),
    (Setup(WRITER, {}, PUBLIC), "anonymous", "get version", "ok"),
    (Setup(WRITER, {}, PUBLIC), "anonymous", "tags", "AccessDenied"),
    (Setup(WRITER, {}, {"ACL": "authenticated-read"}), "bob", "get", "ok"),
    (Setup(WRITER, {}, {"ACL": "authenticated-read"}), "anonymous", "get", "AccessDenied"),
    (Setup(WRITER, SHARED), "anonymous", "put", "ok"),
    (Setup(WRITER, {"GrantReadACP": "id=bob"}), "bob", "bucket acl", "ok"),
    (Setup(WRITER, {}, {"GrantWriteACP": "id=bob"}), "bob", "put object acl", "ok"),
    (Setup(WRITER, {}, {"GrantWriteACP": "id=bob"}), "bob", "get", "AccessDenied"),
    # Object writer: "a bucket policy applies only to objects that are owned by the bucket owner".
    (Setup(WRITER), "owner", "get theirs", "AccessDenied"),
    (Setup(WRITER), "alice", "get theirs", "ok"),
    (Setup(WRITER, policy=(OPEN,)), "bob", "get theirs", "AccessDenied"),
    (Setup(WRITER, {}, FULL), "owner", "get theirs", "ok"),
    (Setup(WRITER, {}, FULL, (OPEN,)), "bob", "get theirs", "AccessDenied"),
    # Bucket owner preferred: theirs who has it, if written with bucket-owner-full-control.
    (Setup(PREFERRED, {}, FULL), "alice", "get theirs", "AccessDenied"),
    (Setup(PREFERRED, {}, FULL, (OPEN,)), "bob", "get theirs", "ok"),
    (Setup(PREFERRED), "owner", "get theirs", "AccessDenied"),
    # A denial counts for grants of ACLs and for the owner of an object.
    (Setup(WRITER, PUBLIC, PUBLIC, (OPEN, NOT_ALICE)), "alice", "get theirs", "AccessDenied"),
    (Setup(WRITER, PUBLIC, PUBLIC, (OPEN, NOT_ALICE)), "alice", "list", "ok"),
    # Block public access.
    (Setup(WRITER, PUBLIC, PUBLIC, (), ("IgnorePublicAcls",)), "anonymous", "get", "AccessDenied"),
    (Setup(WRITER, PUBLIC, PUBLIC, (), ("IgnorePublicAcls",)), "bob", "list", "AccessDenied"),
    (Setup(policy=(OPEN,), block=("RestrictPublicBuckets",)), "bob", "get", "AccessDenied"),
    (Setup(policy=(OPEN,), block=("RestrictPublicBuckets",)), "owner", "get", "ok"),
    (Setup(policy=(READS,), block=("RestrictPublicBuckets",)), "alice", "get", "ok"),
    (Setup(WRITER, block=("BlockPublicAcls",)), "owner", "put public", "AccessDenied"),
    (Setup(WRITER, PUBLIC, PUBLIC, (), ("BlockPublicAcls",)), "anonymous", "get", "ok"),
]


@pytest.mark.parametrize(("setup", "who", "name", "expected"), ROWS)
def test_the_oracle(setup: Setup, who: str, name: str, expected: str) -> None:
    """What it says of cases that the documentation decides."""
    assert oracle.outcome(setup, who, name) == expected
