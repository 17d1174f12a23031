"""ACLs of objects, and the ownership of a bucket that says whether they count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from colonnade.rules import acl
from colonnade.testing import Endpoint

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

pytestmark = pytest.mark.needs("PutObjectAcl")

OTHER = {"ID": "somebody", "DisplayName": "somebody", "Type": "CanonicalUser"}
EVERYBODY = {"Type": "Group", "URI": acl.ALL_USERS}


@pytest.fixture
def bucket(client: S3Client, new_bucket: str) -> str:
    """One in which ACLs count."""
    client.create_bucket(Bucket=new_bucket, ObjectOwnership="ObjectWriter")
    return new_bucket


@pytest.fixture
def own(target: Endpoint, client: S3Client, bucket: str) -> dict[str, str]:
    """The owner's grantee: whoever the client is."""
    access = client.get_bucket_acl(Bucket=bucket)["Owner"]["ID"]
    return {"ID": access, "DisplayName": access, "Type": "CanonicalUser"}


def grants(client: S3Client, bucket: str, key: str = "k") -> list[tuple[Any, str]]:
    """What is granted to whom."""
    return [(row["Grantee"], row["Permission"]) for row in client.get_object_acl(Bucket=bucket, Key=key)["Grants"]]


def refused(code: str) -> Any:
    """A refusal."""
    return pytest.raises(ClientError, match=f"\\({code}\\)")


@pytest.mark.parametrize(
    ("ownership", "code"),
    [("ObjectWriter", "InvalidRequest"), ("BucketOwnerEnforced", "AccessControlListNotSupported")],
)
def test_a_canned_acl_beside_grants(client: S3Client, new_bucket: str, ownership: Any, code: str) -> None:
    """Is refused, as both can't be meant: also the one that every bucket takes."""
    client.create_bucket(Bucket=new_bucket, ObjectOwnership=ownership)
    with refused(code):
        client.put_object(Bucket=new_bucket, Key="k", ACL="bucket-owner-full-control", GrantRead="id=somebody")


def test_an_object_is_its_writer_s_alone(client: S3Client, bucket: str, own: dict[str, str]) -> None:
    """Unless the request says otherwise."""
    client.put_object(Bucket=bucket, Key="k")
    assert client.get_object_acl(Bucket=bucket, Key="k")["Owner"]["ID"] == own["ID"]
    assert grants(client, bucket) == [(own, "FULL_CONTROL")]


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        ({"ACL": "private"}, []),
        ({"ACL": "public-read"}, [(EVERYBODY, "READ")]),
        ({"ACL": "public-read-write"}, [(EVERYBODY, "READ"), (EVERYBODY, "WRITE")]),
        ({"ACL": "authenticated-read"}, [({"Type": "Group", "URI": acl.AUTHENTICATED}, "READ")]),
        ({"ACL": "bucket-owner-read"}, []),
        ({"ACL": "bucket-owner-full-control"}, []),
    ],
)
def test_canned(client: S3Client, bucket: str, own: dict[str, str], asked: Any, granted: Any) -> None:
    """With the object and afterwards."""
    client.put_object(Bucket=bucket, Key="k", **asked)
    client.put_object(Bucket=bucket, Key="later")
    client.put_object_acl(Bucket=bucket, Key="later", **asked)
    for key in ("k", "later"):
        assert grants(client, bucket, key) == [(own, "FULL_CONTROL"), *granted]


def test_grants_in_headers(client: S3Client, bucket: str) -> None:
    """The owner is granted only what they say."""
    asked: Any = {"GrantRead": 'id="somebody"', "GrantReadACP": f'uri="{acl.AUTHENTICATED}", id="somebody"'}
    client.put_object(Bucket=bucket, Key="k", **asked)
    everyone = {"Type": "Group", "URI": acl.AUTHENTICATED}
    assert grants(client, bucket) == [(OTHER, "READ"), (everyone, "READ_ACP"), (OTHER, "READ_ACP")]


def test_grants_in_a_document(client: S3Client, bucket: str, own: dict[str, str]) -> None:
    """They replace those there were; Last-Modified stays, and so does the body."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", ACL="public-read")
    before = client.head_object(Bucket=bucket, Key="k")
    policy: Any = {"Owner": {"ID": own["ID"]}, "Grants": [{"Grantee": OTHER, "Permission": "READ"}]}
    client.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy=policy)
    assert grants(client, bucket) == [(OTHER, "READ")]
    after = client.head_object(Bucket=bucket, Key="k")
    assert (after["LastModified"], after["ETag"]) == (before["LastModified"], before["ETag"])
    client.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy=policy | {"Grants": []})
    assert grants(client, bucket) == []


def test_a_copy_has_its_own(client: S3Client, bucket: str, own: dict[str, str]) -> None:
    """The source's is not copied."""
    client.put_object(Bucket=bucket, Key="k", ACL="public-read")
    client.copy_object(Bucket=bucket, Key="plain", CopySource=f"{bucket}/k")
    client.copy_object(Bucket=bucket, Key="open", CopySource=f"{bucket}/k", ACL="public-read")
    assert grants(client, bucket, "plain") == [(own, "FULL_CONTROL")]
    assert grants(client, bucket, "open") == [(own, "FULL_CONTROL"), (EVERYBODY, "READ")]


def test_an_upload_in_parts_has_that_it_was_begun_with(client: S3Client, bucket: str, own: dict[str, str]) -> None:
    """Which is said nowhere else."""
    upload: Any = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = client.create_multipart_upload(Bucket=bucket, Key="k", ACL="public-read")["UploadId"]
    part = client.upload_part(**upload, PartNumber=1, Body=b"x")
    done: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(**upload, MultipartUpload=done)
    assert grants(client, bucket) == [(own, "FULL_CONTROL"), (EVERYBODY, "READ")]


def test_overwriting_forgets_it(client: S3Client, bucket: str, own: dict[str, str]) -> None:
    """The new object is private again."""
    client.put_object(Bucket=bucket, Key="k", ACL="public-read")
    client.put_object(Bucket=bucket, Key="k")
    assert grants(client, bucket) == [(own, "FULL_CONTROL")]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"ACL": "no-such"}, "InvalidArgument"),
        ({"GrantRead": "somebody"}, "InvalidArgument"),
        ({"GrantRead": "uri=http://example.com/all"}, "InvalidArgument"),
        ({"ACL": "private", "GrantRead": 'id="somebody"'}, "InvalidRequest"),
        ({"GrantRead": 'emailAddress="a@example.com"'}, "UnresolvableGrantByEmailAddress"),
    ],
)
def test_what_is_refused(client: S3Client, bucket: str, asked: Any, code: str) -> None:
    """With the object and afterwards."""
    client.put_object(Bucket=bucket, Key="k")
    with refused(code):
        client.put_object(Bucket=bucket, Key="k", **asked)
    with refused(code):
        client.put_object_acl(Bucket=bucket, Key="k", **asked)


def test_of_what_is_not_there(client: S3Client, bucket: str) -> None:
    """NoSuchKey."""
    with refused("NoSuchKey"):
        client.get_object_acl(Bucket=bucket, Key="k")
    with refused("NoSuchKey"):
        client.put_object_acl(Bucket=bucket, Key="k", ACL="private")


def test_where_the_bucket_s_owner_owns_everything(client: S3Client, new_bucket: str) -> None:
    """As new buckets have it, only full control for that owner may be asked for, and everything else is refused."""
    client.create_bucket(Bucket=new_bucket)
    client.put_object(Bucket=new_bucket, Key="k", ACL="bucket-owner-full-control")
    client.put_object_acl(Bucket=new_bucket, Key="k", ACL="bucket-owner-full-control")
    said = client.get_object_acl(Bucket=new_bucket, Key="k")
    full: Any = {"Owner": said["Owner"], "Grants": said["Grants"]}
    assert [row["Permission"] for row in said["Grants"]] == ["FULL_CONTROL"]
    client.put_object_acl(Bucket=new_bucket, Key="k", AccessControlPolicy=full)
    others: list[Any] = [{"ACL": "public-read"}, {"ACL": "private"}, {"GrantRead": 'id="somebody"'}]
    for asked in others:
        for call in (client.put_object, client.put_object_acl, client.create_multipart_upload):
            with refused("AccessControlListNotSupported"):
                call(Bucket=new_bucket, Key="k", **asked)
        with refused("AccessControlListNotSupported"):
            client.copy_object(Bucket=new_bucket, Key="c", CopySource=f"{new_bucket}/k", **asked)


def test_a_bucket_that_is_made_private_keeps_acls(client: S3Client, new_bucket: str) -> None:
    """Asking for the ACL that grants nothing is asking for ACLs: so rclone makes buckets, and writes objects."""
    client.create_bucket(Bucket=new_bucket, ACL="private")
    controls = client.get_bucket_ownership_controls(Bucket=new_bucket)["OwnershipControls"]
    assert controls["Rules"] == [{"ObjectOwnership": "BucketOwnerPreferred"}]
    client.put_object(Bucket=new_bucket, Key="k", ACL="private")
    grants = client.get_object_acl(Bucket=new_bucket, Key="k")["Grants"]
    assert [row["Permission"] for row in grants] == ["FULL_CONTROL"]


def test_acls_count_again_when_ownership_lets_them(client: S3Client, bucket: str, own: dict[str, str]) -> None:
    """They are kept while they don't count."""
    client.put_object(Bucket=bucket, Key="k", ACL="public-read")
    for setting, shown in (("BucketOwnerEnforced", []), ("ObjectWriter", [(EVERYBODY, "READ")])):
        rules: Any = {"Rules": [{"ObjectOwnership": setting}]}
        client.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)
        assert grants(client, bucket) == [(own, "FULL_CONTROL"), *shown]
