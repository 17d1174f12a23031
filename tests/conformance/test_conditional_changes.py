"""Conditional writes and deletes. After Amazon's user guide, and what was measured where it says two things."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.conformance.raw import refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PAST = datetime(2001, 1, 1, tzinfo=UTC)
GOOD, BAD = '"8d777f385d3dfec8815d20f7496026dc"', '"00000000000000000000000000000000"'


@pytest.fixture(autouse=True)
def _object(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="k", Body=b"data")


def test_deleting_many_each_on_its_condition(client: S3Client, bucket: str) -> None:
    """In DeleteObjects a failed condition is that entry's error."""
    client.put_object(Bucket=bucket, Key="l", Body=b"data")
    answer = client.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": "k", "ETag": BAD}, {"Key": "l", "ETag": GOOD}]}
    )
    assert [row["Key"] for row in answer["Deleted"]] == ["l"]
    assert [(row["Key"], row["Code"]) for row in answer["Errors"]] == [("k", "PreconditionFailed")]


@pytest.mark.parametrize(
    ("condition", "refusal"),
    [
        ({"IfMatch": GOOD}, ""),
        ({"IfMatch": GOOD.strip('"')}, ""),
        ({"IfMatch": "*"}, ""),
        ({"IfMatch": BAD}, "PreconditionFailed"),
        ({"IfMatchSize": 4}, ""),
        ({"IfMatchSize": 5}, "PreconditionFailed"),
        ({"IfMatch": GOOD, "IfMatchSize": 4}, ""),
        ({"IfMatch": GOOD, "IfMatchSize": 5}, "PreconditionFailed"),
        ({"IfMatch": BAD, "IfMatchSize": 4}, "PreconditionFailed"),
        ({"IfMatch": GOOD, "IfMatchLastModifiedTime": PAST}, "PreconditionFailed"),
    ],
)
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_deleting(client: S3Client, bucket: str, many: bool, condition: dict[str, Any], refusal: str) -> None:
    """All conditions must hold, in DeleteObject and, by other names, in an entry of DeleteObjects."""
    assert _delete(client, bucket, "k", many, condition) == refusal
    assert ("Contents" in client.list_objects_v2(Bucket=bucket)) is bool(refusal)


def test_deleting_what_was_changed_then(client: S3Client, bucket: str) -> None:
    """Its own Last-Modified is the time to name."""
    moment = client.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert _delete(client, bucket, "k", False, {"IfMatchLastModifiedTime": moment}) == ""
    client.put_object(Bucket=bucket, Key="k", Body=b"data")
    moment = client.head_object(Bucket=bucket, Key="k")["LastModified"]
    assert _delete(client, bucket, "k", True, {"IfMatchLastModifiedTime": moment}) == ""


@pytest.mark.parametrize(
    ("condition", "refusal"),
    [({"IfMatch": GOOD}, "NoSuchKey"), ({"IfMatch": "*"}, "NoSuchKey"), ({"IfMatchSize": 4}, "")],
)
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
@pytest.mark.parametrize("key", ["none", "a/none"])
def test_deleting_what_is_not_there(
    client: S3Client, bucket: str, key: str, many: bool, condition: dict[str, Any], refusal: str
) -> None:
    """It has no ETag, not even any; of other size or time than it was it can't be."""
    assert _delete(client, bucket, key, many, condition) == refusal


@pytest.mark.needs("PutBucketVersioning")
@pytest.mark.parametrize("tag", [GOOD, "*"])
def test_deleting_what_is_deleted(client: S3Client, bucket: str, tag: str) -> None:
    """What lies below a delete marker is no current object."""
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client.delete_object(Bucket=bucket, Key="k")
    assert _delete(client, bucket, "k", False, {"IfMatch": tag}) == "NoSuchKey"
    assert len(client.list_object_versions(Bucket=bucket)["DeleteMarkers"]) == 1


@pytest.mark.needs("PutBucketVersioning")
def test_writing_over_a_delete_marker(client: S3Client, bucket: str) -> None:
    """Nothing is there: If-None-Match: * holds, If-Match has nothing to match."""
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client.delete_object(Bucket=bucket, Key="k")
    with refused("NoSuchKey", 404):
        client.put_object(Bucket=bucket, Key="k", Body=b"x", IfMatch=GOOD)
    client.put_object(Bucket=bucket, Key="k", Body=b"x", IfNoneMatch="*")


@pytest.mark.needs("PutBucketVersioning")
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
@pytest.mark.parametrize("condition", [{"IfMatch": GOOD}, {"IfMatch": "*"}, {"IfMatchSize": 4}])
def test_deleting_a_version(client: S3Client, bucket: str, many: bool, condition: dict[str, Any]) -> None:
    """Conditions are judged of what is current, and refused beside an id, even its own; the version stays."""
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = client.put_object(Bucket=bucket, Key="k", Body=b"data")["VersionId"]
    assert _delete(client, bucket, "k", many, condition, VersionId=version) == "NotImplemented"
    client.head_object(Bucket=bucket, Key="k", VersionId=version)


#: What holds and what doesn't of a write's conditions, by whether the key is there.
WRITES: list[tuple[str, dict[str, str], str]] = [
    ("k", {"IfMatch": GOOD}, ""),
    ("k", {"IfMatch": GOOD.strip('"')}, ""),
    ("k", {"IfMatch": BAD}, "PreconditionFailed"),
    ("k", {"IfNoneMatch": "*"}, "PreconditionFailed"),
    ("k", {"IfNoneMatch": BAD}, "NotImplemented"),
    ("none", {"IfMatch": GOOD}, "NoSuchKey"),
    ("none", {"IfNoneMatch": "*"}, ""),
    ("none", {"IfMatch": GOOD, "IfNoneMatch": "*"}, "NotImplemented"),
]


@pytest.mark.parametrize(("key", "condition", "refusal"), WRITES)
@pytest.mark.parametrize("how", ["put", "copy", "complete"])
def test_writing(client: S3Client, bucket: str, how: str, key: str, condition: dict[str, Any], refusal: str) -> None:
    """PutObject, CopyObject onto a key and CompleteMultipartUpload are judged alike, and leave what was there."""
    before = client.list_objects_v2(Bucket=bucket)["Contents"]
    write = _writer(client, bucket, key, how)
    if not refusal:
        write(condition)
        assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == b"new data"
        return
    with refused(refusal, {"PreconditionFailed": 412, "NotImplemented": 501, "NoSuchKey": 404}[refusal]):
        write(condition)
    assert [row for row in client.list_objects_v2(Bucket=bucket)["Contents"] if row["Key"] != "source"] == before


def test_a_refused_completion_can_be_said_again(client: S3Client, bucket: str) -> None:
    """The upload stays with its parts, for a condition that holds."""
    write = _writer(client, bucket, "k", "complete")
    with refused("PreconditionFailed", 412):
        write({"IfMatch": BAD})
    write({"IfMatch": GOOD})
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"new data"


def _delete(client: S3Client, bucket: str, key: str, many: bool, condition: dict[str, Any], **version: Any) -> str:
    """Delete on a condition; the code of the refusal, empty if there was none."""
    if many:
        names = {"IfMatch": "ETag", "IfMatchSize": "Size", "IfMatchLastModifiedTime": "LastModifiedTime"}
        entry: Any = {"Key": key, **version} | {names[name]: value for name, value in condition.items()}
        answer = client.delete_objects(Bucket=bucket, Delete={"Objects": [entry]})
        errors = answer.get("Errors") or []
        return errors[0]["Code"] if errors else ""
    try:
        client.delete_object(Bucket=bucket, Key=key, **condition, **version)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def _writer(client: S3Client, bucket: str, key: str, how: str) -> Callable[[dict[str, Any]], Any]:
    """Writes `new data` under a key, one way or another, on a condition."""
    where: Any = {"Bucket": bucket, "Key": key}
    if how == "put":
        return lambda condition: client.put_object(**where, Body=b"new data", **condition)
    if how == "copy":
        client.put_object(Bucket=bucket, Key="source", Body=b"new data")
        return lambda condition: client.copy_object(**where, CopySource=f"{bucket}/source", **condition)
    upload: Any = {**where, "UploadId": client.create_multipart_upload(**where)["UploadId"]}
    etag = client.upload_part(**upload, PartNumber=1, Body=b"new data")["ETag"]
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    return lambda condition: client.complete_multipart_upload(**upload, MultipartUpload=parts, **condition)
