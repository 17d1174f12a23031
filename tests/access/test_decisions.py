"""Who may do what, over HTTP: expectations are those of Amazon's "How Amazon S3 authorizes a request"."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

DENIED = "AccessDenied"
OK = "ok"


def outcome(call: Callable[..., Any], **arguments: Any) -> str:
    """The code of a refusal (HEAD has only a status), ok for none."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return OK


def get(client: Any, bucket: str) -> str:
    """Read."""
    return outcome(client.get_object, Bucket=bucket, Key="k")


def put(client: Any, bucket: str) -> str:
    """Write."""
    return outcome(client.put_object, Bucket=bucket, Key="new", Body=b"y")


def tagged(client: Any, bucket: str) -> str:
    """Write with a tag."""
    return outcome(client.put_object, Bucket=bucket, Key="new", Body=b"y", Tagging="a=b")


def remove(client: Any, bucket: str) -> str:
    """Delete."""
    return outcome(client.delete_object, Bucket=bucket, Key="other")


def version(client: Any, bucket: str) -> str:
    """Read a version."""
    return outcome(client.get_object, Bucket=bucket, Key="k", VersionId="null")


def listing(client: Any, bucket: str) -> str:
    """List."""
    return outcome(client.list_objects_v2, Bucket=bucket)


def missing(client: Any, bucket: str) -> str:
    """Read what is not there."""
    return outcome(client.get_object, Bucket=bucket, Key="no/such")


def copy(client: Any, bucket: str) -> str:
    """Copy."""
    return outcome(client.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")


def copy_with_slash(client: Any, bucket: str) -> str:
    """Copy, with a slash before the source."""
    return outcome(client.copy_object, Bucket=bucket, Key="copy", CopySource=f"/{bucket}/k")


def put_once(client: Any, bucket: str) -> str:
    """Write what isn't there."""
    return outcome(client.put_object, Bucket=bucket, Key="new", Body=b"y", IfNoneMatch="*")


def upload(client: Any, bucket: str) -> str:
    """Write a part."""
    named = {"Bucket": bucket, "Key": "parts"}
    upload_id = client.create_multipart_upload(**named)["UploadId"]
    return outcome(client.upload_part, **named, UploadId=upload_id, PartNumber=1, Body=b"y")


def complete(client: Any, bucket: str) -> str:
    """Write in parts."""
    named = {"Bucket": bucket, "Key": "parts"}
    named["UploadId"] = client.create_multipart_upload(**named)["UploadId"]
    part = {"PartNumber": 1, "ETag": client.upload_part(**named, PartNumber=1, Body=b"y")["ETag"]}
    return outcome(client.complete_multipart_upload, **named, MultipartUpload={"Parts": [part]})


def begin(client: Any, bucket: str) -> str:
    """Begin an upload in parts."""
    return outcome(client.create_multipart_upload, Bucket=bucket, Key="parts")


def list_own(client: Any, bucket: str) -> str:
    """List the parts of one's own upload."""
    named = {"Bucket": bucket, "Key": "parts"}
    return outcome(client.list_parts, **named, UploadId=client.create_multipart_upload(**named)["UploadId"])


def abort_own(client: Any, bucket: str) -> str:
    """Abort one's own upload."""
    named = {"Bucket": bucket, "Key": "parts"}
    return outcome(client.abort_multipart_upload, **named, UploadId=client.create_multipart_upload(**named)["UploadId"])


def presigned(client: Any, bucket: str) -> str:
    """Read by a URL that was signed before."""
    url = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    return _code(urllib3.request("GET", url))


def form(client: Any, bucket: str) -> str:
    """Write by a form."""
    posted = client.generate_presigned_post(bucket, "new")
    return _code(urllib3.request("POST", posted["url"], fields={**posted["fields"], "file": ("f", b"y")}))


def _code(got: Any) -> str:
    return OK if got.status < 300 else re.findall("<Code>(.*?)</Code>", got.data.decode())[0]


def get_policy(client: Any, bucket: str) -> str:
    """Read the policy."""
    return outcome(client.get_bucket_policy, Bucket=bucket)


def drop_policy(client: Any, bucket: str) -> str:
    """Delete the policy."""
    return outcome(client.delete_bucket_policy, Bucket=bucket)


def get_acl(client: Any, bucket: str) -> str:
    """Read the ACL."""
    return outcome(client.get_bucket_acl, Bucket=bucket)


def put_acl(client: Any, bucket: str) -> str:
    """Replace the ACL."""
    return outcome(client.put_bucket_acl, Bucket=bucket, ACL="private")


def drop_bucket(client: Any, bucket: str) -> str:
    """Delete the bucket."""
    return outcome(client.delete_bucket, Bucket=bucket)


def statement(effect: str, who: Any, *actions: str, on: str = "/*", **more: Any) -> dict[str, Any]:
    """A statement; BUCKET stands for the bucket's name."""
    principal = {} if "NotPrincipal" in more else {"Principal": who}
    return {"Effect": effect, **principal, "Action": list(actions), "Resource": f"arn:aws:s3:::BUCKET{on}", **more}


ALICE = {"AWS": "alice"}
OPEN = statement("Allow", "*", "s3:GetObject")
ALL = statement("Allow", ALICE, "s3:*"), statement("Allow", ALICE, "s3:*", on="")
NOBODY = statement("Deny", "*", "s3:*"), statement("Deny", "*", "s3:*", on="")


def when(operator: str, key: str, value: Any, effect: str = "Allow") -> dict[str, Any]:
    """A statement of alice under a condition."""
    return statement(effect, ALICE, "s3:GetObject", "s3:PutObject", Condition={operator: {key: value}})


#: As "Enforce conditional writes on Amazon S3 buckets" has it.
ONCE = (
    statement("Allow", ALICE, "s3:PutObject", Condition={"Null": {"s3:if-none-match": "false"}}),
    statement("Allow", ALICE, "s3:PutObject", Condition={"Bool": {"s3:ObjectCreationOperation": "false"}}),
)

POLICIES: list[tuple[tuple[dict[str, Any], ...], str, Callable[[Any, str], str], str]] = [
    ((), "owner", get, OK),
    ((), "admin", get, OK),
    ((), "alice", get, DENIED),
    ((), "alice", put, DENIED),
    ((), "alice", listing, DENIED),
    ((), "alice", missing, DENIED),
    ((), "alice", get_policy, DENIED),
    ((), "alice", drop_bucket, DENIED),
    ((), "anonymous", get, DENIED),
    ((), "anonymous", listing, DENIED),
    ((), "owner", missing, "NoSuchKey"),
    ((OPEN,), "anonymous", get, OK),
    ((OPEN,), "alice", get, OK),
    ((OPEN,), "anonymous", put, DENIED),
    ((OPEN,), "anonymous", version, DENIED),
    ((OPEN,), "anonymous", missing, DENIED),
    ((OPEN, statement("Allow", "*", "s3:ListBucket", on="")), "anonymous", missing, "NoSuchKey"),
    ((OPEN,), "alice", copy, DENIED),
    ((OPEN, statement("Deny", ALICE, "s3:GetObject")), "alice", get, DENIED),
    ((OPEN, statement("Deny", ALICE, "s3:GetObject")), "bob", get, OK),
    (ALL, "alice", get, OK),
    (ALL, "alice", copy, OK),
    (ALL, "alice", listing, OK),
    (ALL, "alice", missing, "NoSuchKey"),
    (ALL, "alice", get_policy, "MethodNotAllowed"),
    (ALL, "alice", drop_policy, "MethodNotAllowed"),
    (ALL, "bob", get, DENIED),
    (NOBODY, "owner", get, DENIED),
    (NOBODY, "owner", listing, DENIED),
    (NOBODY, "owner", get_policy, OK),
    (NOBODY, "owner", drop_policy, OK),
    (NOBODY, "root", get, OK),
    (NOBODY, "admin", get, OK),
    ((*NOBODY, *ALL), "alice", get, DENIED),
    ((statement("Allow", ALICE, "s3:PutObject"),), "alice", copy, DENIED),
    ((statement("Allow", ALICE, "s3:PutObject"),), "alice", put, OK),
    ((statement("Allow", ALICE, "s3:PutObject"),), "alice", tagged, DENIED),
    ((statement("Allow", ALICE, "s3:PutObject", "s3:PutObjectTagging"),), "alice", tagged, OK),
    ((statement("Allow", ALICE, "s3:DeleteObject"),), "alice", remove, OK),
    ((statement("Allow", ALICE, "s3:getobject"),), "alice", get, OK),
    ((statement("Allow", ALICE, "s3:Get*"),), "alice", version, OK),
    ((statement("Allow", ALICE, "s3:GetObject", on="/K"),), "alice", get, DENIED),
    ((statement("Allow", ALICE, "s3:GetObject", on="/?"),), "alice", get, OK),
    ((statement("Allow", {"AWS": "arn:aws:iam::1234:user/alice"}, "s3:GetObject"),), "alice", get, OK),
    ((statement("Allow", {"CanonicalUser": "alice"}, "s3:GetObject"),), "alice", get, OK),
    ((statement("Allow", {"Service": "logging.s3.amazonaws.com"}, "s3:GetObject"),), "alice", get, DENIED),
    ((statement("Allow", {"AWS": ["bob", "alice"]}, "s3:GetObject"),), "alice", get, OK),
    ((OPEN, statement("Deny", "", "s3:*", NotPrincipal=ALICE)), "alice", get, OK),
    ((OPEN, statement("Deny", "", "s3:*", NotPrincipal=ALICE)), "bob", get, DENIED),
    ((OPEN, statement("Deny", "", "s3:*", NotPrincipal=ALICE)), "anonymous", get, DENIED),
    ((OPEN, statement("Deny", "", "s3:*", NotPrincipal=ALICE)), "owner", get, DENIED),
    ((when("IpAddress", "aws:SourceIp", "127.0.0.0/8"),), "alice", get, OK),
    ((when("NotIpAddress", "aws:SourceIp", "127.0.0.0/8"),), "alice", get, DENIED),
    ((when("Bool", "aws:SecureTransport", "true"),), "alice", get, DENIED),
    ((when("BoolIfExists", "aws:MultiFactorAuthPresent", "true"),), "alice", get, OK),
    ((when("Bool", "aws:MultiFactorAuthPresent", "true"),), "alice", get, DENIED),
    ((when("Null", "aws:MultiFactorAuthPresent", "true"),), "alice", get, OK),
    ((when("StringNotEquals", "aws:SourceVpc", "vpc-1"),), "alice", get, OK),
    ((when("StringEquals", "s3:ExistingObjectTag/class", "open"),), "alice", get, OK),
    ((when("StringEquals", "s3:ExistingObjectTag/class", "shut"),), "alice", get, DENIED),
    ((when("StringEquals", "aws:username", "${aws:username}"),), "alice", get, DENIED),
    ((when("NumericLessThan", "s3:signatureAge", 600_000),), "alice", get, OK),
    ((when("DateGreaterThan", "aws:CurrentTime", "2001-01-01T00:00:00Z"),), "alice", get, OK),
    ((when("StringLike", "aws:UserAgent", "Boto3/*"),), "alice", get, OK),
    ((*ALL, when("Bool", "aws:ViaAWSService", "false", "Deny")), "alice", get, DENIED),
    ((*ALL, when("Bool", "aws:PrincipalIsAWSService", "false", "Deny")), "alice", get, DENIED),
    ((*ALL, when("Bool", "aws:PrincipalIsAWSService", "true", "Deny")), "alice", get, OK),
    ((when("StringEquals", "s3:ResourceAccount", "owner"),), "alice", get, OK),
    ((when("StringNotEquals", "aws:ResourceAccount", "owner"),), "alice", get, DENIED),
    ((*ALL, when("StringLike", "s3:x-amz-copy-source", "BUCKET/k", "Deny")), "alice", copy, DENIED),
    ((*ALL, when("StringLike", "s3:x-amz-copy-source", "BUCKET/k", "Deny")), "alice", copy_with_slash, DENIED),
    ((*ALL, when("StringLike", "s3:x-amz-copy-source", "BUCKET/other", "Deny")), "alice", copy, OK),
    ((*ALL, when("StringEquals", "s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD", "Deny")), "alice", presigned, DENIED),
    ((*ALL, when("StringEquals", "s3:authType", "REST-HEADER", "Deny")), "alice", presigned, OK),
    ((*ALL, when("StringEquals", "s3:authType", "REST-QUERY-STRING", "Deny")), "alice", presigned, DENIED),
    ((*ALL, when("StringEquals", "s3:x-amz-content-sha256", "UNSIGNED-PAYLOAD", "Deny")), "alice", form, DENIED),
    ((*ALL, when("StringEquals", "s3:authType", "POST", "Deny")), "alice", form, DENIED),
    (ONCE, "alice", list_own, OK),
    (ONCE, "alice", abort_own, OK),
    ((*ONCE, statement("Deny", ALICE, "s3:AbortMultipartUpload")), "alice", abort_own, DENIED),
    ((*ONCE, statement("Deny", ALICE, "s3:ListMultipartUploadParts")), "alice", list_own, DENIED),
    ((statement("Allow", "*", "s3:*"),), "anonymous", copy, DENIED),
    ((statement("Allow", "*", "s3:*"),), "anonymous", begin, DENIED),
    (ONCE, "alice", put, DENIED),
    (ONCE, "alice", put_once, OK),
    (ONCE, "alice", upload, OK),
    (ONCE, "alice", complete, DENIED),
    ((*ALL, when("ForAnyValue:StringEquals", "s3:RequestObjectTagKeys", "a", "Deny")), "alice", tagged, DENIED),
    ((*ALL, when("ForAnyValue:StringEquals", "s3:RequestObjectTagKeys", "b", "Deny")), "alice", tagged, OK),
    ((*ALL, when("ForAllValues:StringEquals", "s3:RequestObjectTagKeys", "a", "Deny")), "alice", put, DENIED),
]


@pytest.mark.parametrize(("statements", "who", "ask", "expected"), POLICIES)
def test_policies(
    client: Callable[[str], Any], bucket: str, statements: Any, who: str, ask: Callable[[Any, str], str], expected: str
) -> None:
    """A policy, who asks for what, and what is said."""
    if statements:
        policy = json.dumps({"Statement": statements}).replace("BUCKET", bucket)
        client("owner").put_bucket_policy(Bucket=bucket, Policy=policy)
    assert ask(client(who), bucket) == expected


ACLS: list[tuple[dict[str, str], str, Callable[[Any, str], str], str]] = [
    ({"ACL": "public-read"}, "anonymous", listing, OK),
    # A bucket's ACL doesn't speak of reading its objects.
    ({"ACL": "public-read"}, "anonymous", get, DENIED),
    ({"ACL": "public-read"}, "anonymous", put, DENIED),
    ({"ACL": "public-read-write"}, "anonymous", put, OK),
    ({"ACL": "public-read-write"}, "anonymous", remove, OK),
    ({"ACL": "public-read-write"}, "anonymous", begin, DENIED),
    ({"ACL": "public-read-write"}, "bob", begin, OK),
    ({"ACL": "public-read-write"}, "anonymous", copy, DENIED),
    ({"ACL": "authenticated-read"}, "anonymous", listing, DENIED),
    ({"ACL": "authenticated-read"}, "bob", listing, OK),
    ({"GrantRead": "id=alice"}, "alice", listing, OK),
    ({"GrantRead": "id=alice"}, "bob", listing, DENIED),
    ({"GrantReadACP": "id=alice"}, "alice", get_acl, OK),
    ({"GrantReadACP": "id=alice"}, "alice", put_acl, DENIED),
    ({"GrantWriteACP": "id=alice"}, "alice", put_acl, OK),
    ({"GrantFullControl": "id=alice"}, "alice", put, OK),
    ({"GrantFullControl": "id=alice"}, "alice", drop_bucket, DENIED),
    ({"GrantFullControl": "id=alice"}, "alice", get_policy, DENIED),
]


@pytest.mark.parametrize(("acl", "who", "ask", "expected"), ACLS)
def test_acls(
    client: Callable[[str], Any], bucket: str, acl: Any, who: str, ask: Callable[[Any, str], str], expected: str
) -> None:
    """Grants of a bucket, who asks for what, and what is said."""
    client("owner").put_bucket_acl(Bucket=bucket, **acl)
    assert ask(client(who), bucket) == expected


def test_acls_do_not_count_where_the_owner_owns_everything(client: Callable[[str], Any], bucket: str) -> None:
    """They must be private first, and can't be set then."""
    owner, enforced = client("owner"), {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    ask = {"Bucket": bucket, "OwnershipControls": enforced}
    owner.put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert outcome(owner.put_bucket_ownership_controls, **ask) == "InvalidBucketAclWithObjectOwnership"
    owner.put_bucket_acl(Bucket=bucket, ACL="private")
    assert outcome(owner.put_bucket_ownership_controls, **ask) == OK
    assert outcome(owner.put_bucket_acl, Bucket=bucket, ACL="public-read") == "AccessControlListNotSupported"


def test_a_denial_beats_an_acl(client: Callable[[str], Any], bucket: str) -> None:
    """Whatever grants it."""
    owner, policy = client("owner"), {"Statement": [statement("Deny", "*", "s3:ListBucket", on="")]}
    owner.put_bucket_acl(Bucket=bucket, ACL="public-read")
    owner.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy).replace("BUCKET", bucket))
    assert listing(client("alice"), bucket) == DENIED


@pytest.mark.parametrize(
    ("switch", "who", "ask", "expected"),
    [
        ("IgnorePublicAcls", "anonymous", listing, DENIED),
        ("IgnorePublicAcls", "anonymous", get, OK),
        ("RestrictPublicBuckets", "anonymous", get, DENIED),
        ("RestrictPublicBuckets", "alice", get, DENIED),
        ("RestrictPublicBuckets", "owner", get, OK),
        ("BlockPublicAcls", "anonymous", listing, OK),
        ("BlockPublicPolicy", "anonymous", get, OK),
    ],
)
def test_public_access_block(
    client: Callable[[str], Any], bucket: str, switch: str, who: str, ask: Callable[[Any, str], str], expected: str
) -> None:
    """A bucket with a public ACL and a public policy before a switch is turned on."""
    owner = client("owner")
    owner.put_bucket_acl(Bucket=bucket, ACL="public-read")
    owner.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": OPEN}).replace("BUCKET", bucket))
    owner.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={switch: True})
    assert ask(client(who), bucket) == expected


def test_a_block_refuses_what_is_public(client: Callable[[str], Any], bucket: str) -> None:
    """ACLs and policies, also root's."""
    block = {"BlockPublicAcls": True, "BlockPublicPolicy": True}
    client("owner").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    policy = json.dumps({"Statement": OPEN}).replace("BUCKET", bucket)
    for who in ("owner", "root"):
        assert outcome(client(who).put_bucket_acl, Bucket=bucket, ACL="public-read") == DENIED
        assert outcome(client(who).put_bucket_policy, Bucket=bucket, Policy=policy) == DENIED


def test_each_key_of_delete_objects_is_judged(client: Callable[[str], Any], bucket: str) -> None:
    """What isn't allowed is an error in the answer, and stays."""
    policy = json.dumps({"Statement": statement("Allow", ALICE, "s3:DeleteObject", on="/mine/*")})
    client("owner").put_bucket_policy(Bucket=bucket, Policy=policy.replace("BUCKET", bucket))
    keys = {"Objects": [{"Key": "mine/a"}, {"Key": "k"}]}
    answer = client("alice").delete_objects(Bucket=bucket, Delete=keys)
    assert [row["Key"] for row in answer["Deleted"]] == ["mine/a"]
    assert [(row["Key"], row["Code"]) for row in answer["Errors"]] == [("k", DENIED)]
    assert get(client("owner"), bucket) == OK


@pytest.mark.parametrize(("who", "expected"), [("alice", OK), ("bob", DENIED), ("anonymous", DENIED), ("owner", OK)])
def test_an_upload_is_its_initiator_s(client: Callable[[str], Any], bucket: str, who: str, expected: str) -> None:
    """And the bucket owner's: others who may write neither list nor abort it, nor learn whether there is one."""
    allow = statement("Allow", "*", "s3:PutObject")
    client("owner").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": allow}).replace("BUCKET", bucket))
    named = {"Bucket": bucket, "Key": "parts"}
    upload_id = client("alice").create_multipart_upload(**named)["UploadId"]
    for call in (client(who).list_parts, client(who).abort_multipart_upload):
        assert outcome(call, **named, UploadId=upload_id) == expected
    gone = DENIED if who != "owner" else "NoSuchUpload"
    assert outcome(client(who).list_parts, **named, UploadId=upload_id[:-1] + "x") == gone


def test_tags_in_a_body_are_judged(client: Callable[[str], Any], bucket: str) -> None:
    """PutObjectTagging with a condition on what is asked for."""
    allow = statement("Allow", ALICE, "s3:PutObjectTagging", Condition={"StringEquals": {"s3:RequestObjectTag/a": "b"}})
    client("owner").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": allow}).replace("BUCKET", bucket))
    for value, expected in (("b", OK), ("c", DENIED)):
        tags = {"TagSet": [{"Key": "a", "Value": value}]}
        assert outcome(client("alice").put_object_tagging, Bucket=bucket, Key="k", Tagging=tags) == expected


def test_a_header_says_nothing_of_a_body(client: Callable[[str], Any], bucket: str) -> None:
    """Tags named in a header don't pass for those in the body."""
    allow = statement("Allow", ALICE, "s3:PutObjectTagging", Condition={"StringEquals": {"s3:RequestObjectTag/a": "b"}})
    client("owner").put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Statement": allow}).replace("BUCKET", bucket))
    alice = client("alice")
    alice.meta.events.register(
        "before-sign.s3.PutObjectTagging", lambda request, **_: request.headers.add_header("x-amz-tagging", "a=b")
    )
    tags = {"TagSet": [{"Key": "other", "Value": "x"}]}
    assert outcome(alice.put_object_tagging, Bucket=bucket, Key="k", Tagging=tags) == DENIED


def test_a_listing_is_held_to_its_prefix(client: Callable[[str], Any], bucket: str) -> None:
    """s3:prefix, with a variable."""
    condition = {"StringLike": {"s3:prefix": "${aws:username}/*"}}
    allow = statement("Allow", "*", "s3:ListBucket", on="", Condition=condition)
    policy = json.dumps({"Version": "2012-10-17", "Statement": allow}).replace("BUCKET", bucket)
    client("owner").put_bucket_policy(Bucket=bucket, Policy=policy)
    assert outcome(client("alice").list_objects_v2, Bucket=bucket, Prefix="alice/x") == OK
    assert outcome(client("alice").list_objects_v2, Bucket=bucket, Prefix="bob/x") == DENIED
    assert outcome(client("alice").list_objects_v2, Bucket=bucket) == DENIED


def test_buckets_are_made_and_seen_by_role(client: Callable[[str], Any], bucket: str) -> None:
    """userplus and admins make them; a listing has the caller's own."""
    assert outcome(client("alice").create_bucket, Bucket="alices") == DENIED
    assert outcome(client("anonymous").create_bucket, Bucket="nobodys") == DENIED
    assert client("alice").list_buckets()["Buckets"] == []
    assert bucket in [row["Name"] for row in client("owner").list_buckets()["Buckets"]]
    assert bucket in [row["Name"] for row in client("admin").list_buckets()["Buckets"]]
    assert outcome(client("anonymous").list_buckets) == DENIED


def test_policy_status(client: Callable[[str], Any], bucket: str) -> None:
    """Public for everybody, not for one account."""
    for who, public in (("*", True), (ALICE, False)):
        policy = json.dumps({"Statement": statement("Allow", who, "s3:GetObject")}).replace("BUCKET", bucket)
        client("owner").put_bucket_policy(Bucket=bucket, Policy=policy)
        assert client("owner").get_bucket_policy_status(Bucket=bucket)["PolicyStatus"]["IsPublic"] is public


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "allow"},
        {"Action": "s3:NoSuchThing"},
        {"Resource": "arn:aws:s3:::other/*"},
        {"Resource": "BUCKET/*"},
        {"Action": "s3:ListBucket"},
        {"Principal": {"AWS": "a*"}},
        {"Principal": {"AWS": ["alice", "nobody-here"]}},
        {"Principal": {"CanonicalUser": "nobody-here"}},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Principal": "Federated:nobody-here"},
        {"Principal": {"AWS": ["alice", "Service:nobody-here"]}},
        {"Principal": {"AWS": "arn:aws:iam::1:user/Federated:nobody-here"}},
        {"Condition": {"StringIs": {"aws:Referer": "x"}}},
        {"Condition": {"StringEquals": {"s3:NoSuchKey": "x"}}},
        {"Condition": {"IpAddress": {"aws:SourceIp": "x"}}},
        {"Unknown": "x"},
    ],
)
def test_policies_that_cannot_be_meant_are_refused(client: Callable[[str], Any], bucket: str, change: Any) -> None:
    """MalformedPolicy, also to root."""
    policy = json.dumps({"Statement": {**OPEN, "Resource": "arn:aws:s3:::BUCKET/*", **change}})
    code = outcome(client("root").put_bucket_policy, Bucket=bucket, Policy=policy.replace("BUCKET/", f"{bucket}/"))
    assert code == "MalformedPolicy"
