"""Versions: ids, delete markers, suspending, removing, listing, copying. After Amazon's user guide."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
from botocore.exceptions import ClientError

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

pytestmark = pytest.mark.needs("PutBucketVersioning")


@pytest.fixture
def kept(client: S3Client, bucket: str) -> str:
    """A bucket that keeps versions."""
    turn(client, bucket, "Enabled")
    return bucket


def turn(client: S3Client, bucket: str, status: Any) -> None:
    """Enable or suspend."""
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def put(client: S3Client, bucket: str, body: bytes, key: str = "k", **more: Any) -> str:
    """Write, and the id of the new version."""
    version: str = client.put_object(Bucket=bucket, Key=key, Body=body, **more)["VersionId"]
    return version


def read(client: S3Client, bucket: str, version: str | None = None, key: str = "k") -> bytes:
    """The bytes of the current version, or of another."""
    more: Any = {"VersionId": version} if version else {}
    body: bytes = client.get_object(Bucket=bucket, Key=key, **more)["Body"].read()
    return body


def refusal(call: Any, **arguments: Any) -> tuple[str, int, dict[str, str]]:
    """Code, status and headers."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    response = refused.value.response
    meta = response["ResponseMetadata"]
    return response["Error"]["Code"], meta["HTTPStatusCode"], meta["HTTPHeaders"]


def listed(client: S3Client, bucket: str, **more: Any) -> list[tuple[str, str, bool, bool]]:
    """Key, id, whether latest, whether a marker: as the listing has them, merged by key."""
    page = client.list_object_versions(Bucket=bucket, **more)
    rows = [(v["Key"], v["VersionId"], v["IsLatest"], False) for v in page.get("Versions", ())]
    rows += [(m["Key"], m["VersionId"], m["IsLatest"], True) for m in page.get("DeleteMarkers", ())]
    return rows


def test_status(client: S3Client, bucket: str) -> None:
    """Never, enabled, suspended; and no way back to never."""
    assert "Status" not in client.get_bucket_versioning(Bucket=bucket)
    for status in ("Enabled", "Suspended", "Enabled"):
        turn(client, bucket, status)
        assert client.get_bucket_versioning(Bucket=bucket)["Status"] == status


def test_every_write_is_a_version(client: S3Client, kept: str) -> None:
    """Each has an id of its own, newest first; all can be read, attributes and all."""
    ids = [put(client, kept, b"%d" % n, Metadata={"n": str(n)}) for n in range(3)]
    assert len(set(ids)) == 3
    assert [read(client, kept, version) for version in ids] == [b"0", b"1", b"2"]
    assert client.head_object(Bucket=kept, Key="k", VersionId=ids[0])["Metadata"] == {"n": "0"}
    assert client.get_object(Bucket=kept, Key="k")["VersionId"] == ids[2]
    assert listed(client, kept) == [("k", version, version == ids[2], False) for version in reversed(ids)]


def test_null_versions(client: S3Client, bucket: str) -> None:
    """What was there before has the id null, stays, and can be read and removed by it."""
    client.put_object(Bucket=bucket, Key="k", Body=b"before")
    turn(client, bucket, "Enabled")
    assert client.head_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    new = put(client, bucket, b"after")
    assert (read(client, bucket, "null"), read(client, bucket)) == (b"before", b"after")
    assert [row[1] for row in listed(client, bucket)] == [new, "null"]
    client.delete_object(Bucket=bucket, Key="k", VersionId="null")
    assert [row[1] for row in listed(client, bucket)] == [new]


def test_a_delete_leaves_a_marker(client: S3Client, kept: str) -> None:
    """The key is gone, its versions are not; the marker can't be read, and goes when it is deleted itself."""
    version = put(client, kept, b"data")
    gone = client.delete_object(Bucket=kept, Key="k")
    assert gone["DeleteMarker"] is True
    marker = gone["VersionId"]
    code, status, headers = refusal(client.get_object, Bucket=kept, Key="k")
    assert (code, status, headers["x-amz-delete-marker"]) == ("NoSuchKey", 404, "true")
    code, status, headers = refusal(client.get_object, Bucket=kept, Key="k", VersionId=marker)
    assert (code, status, headers["x-amz-delete-marker"]) == ("MethodNotAllowed", 405, "true")
    assert "Contents" not in client.list_objects_v2(Bucket=kept)
    assert sorted(listed(client, kept)) == sorted([("k", marker, True, True), ("k", version, False, False)])
    undone = client.delete_object(Bucket=kept, Key="k", VersionId=marker)
    assert (undone["DeleteMarker"], undone["VersionId"]) == (True, marker)
    assert read(client, kept) == b"data"


def test_a_key_that_never_was(client: S3Client, kept: str) -> None:
    """Deleting it makes a marker all the same; deleting a version that isn't there changes nothing."""
    marker = client.delete_object(Bucket=kept, Key="a/b")["VersionId"]
    assert listed(client, kept) == [("a/b", marker, True, True)]
    other = put(client, kept, b"x")
    client.delete_object(Bucket=kept, Key="a/b", VersionId=other)
    assert len(listed(client, kept)) == 2
    client.delete_object(Bucket=kept, Key="a/b", VersionId=marker)
    assert [row[0] for row in listed(client, kept)] == ["k"]


@pytest.mark.parametrize("version", ["null", "01K00000000000000000000000"])
def test_a_version_of_a_key_above_others(client: S3Client, kept: str, version: str) -> None:
    """Deleting a version of a key that only begins the names of others changes nothing, and is no error."""
    there = put(client, kept, b"x", "a/b/c")
    assert client.delete_object(Bucket=kept, Key="a", VersionId=version)["VersionId"] == version
    assert client.delete_objects(Bucket=kept, Delete={"Objects": [{"Key": "a/b", "VersionId": version}]})["Deleted"]
    assert [row[:2] for row in listed(client, kept)] == [("a/b/c", there)]


def test_removing_the_latest_brings_the_one_before_back(client: S3Client, kept: str) -> None:
    """Down to none."""
    ids = [put(client, kept, b"%d" % n, Tagging=f"n={n}") for n in range(3)]
    client.delete_object(Bucket=kept, Key="k", VersionId=ids[2])
    assert read(client, kept) == b"1"
    client.delete_object(Bucket=kept, Key="k", VersionId=ids[0])
    assert client.get_object_tagging(Bucket=kept, Key="k")["TagSet"] == [{"Key": "n", "Value": "1"}]
    client.delete_object(Bucket=kept, Key="k", VersionId=ids[1])
    assert refusal(client.head_object, Bucket=kept, Key="k")[1] == 404
    assert listed(client, kept) == []
    client.delete_bucket(Bucket=kept)


def test_suspended(client: S3Client, kept: str) -> None:
    """Writes and deletes replace the null version and leave the others."""
    first = put(client, kept, b"first")
    turn(client, kept, "Suspended")
    for body in (b"second", b"third"):
        client.put_object(Bucket=kept, Key="k", Body=body)
    assert [row[1:3] for row in listed(client, kept)] == [("null", True), (first, False)]
    assert (read(client, kept), read(client, kept, first)) == (b"third", b"first")
    gone = client.delete_object(Bucket=kept, Key="k")
    assert (gone["DeleteMarker"], gone["VersionId"]) == (True, "null")
    assert sorted(listed(client, kept)) == sorted([("k", "null", True, True), ("k", first, False, False)])
    client.delete_object(Bucket=kept, Key="k", VersionId="null")
    assert read(client, kept) == b"first"


def test_many_at_once(client: S3Client, kept: str) -> None:
    """DeleteObjects: markers for keys, versions by id, each told as S3 tells it."""
    ids = [put(client, kept, b"x", key=key) for key in ("a", "b")]
    asked: Any = {"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": ids[1]}]}
    deleted = client.delete_objects(Bucket=kept, Delete=asked)["Deleted"]
    first, second = sorted(deleted, key=lambda row: row["Key"])
    assert first["DeleteMarker"] is True
    assert "VersionId" not in first
    assert (second["VersionId"], second.get("DeleteMarker")) == (ids[1], None)
    marker = first["DeleteMarkerVersionId"]
    asked = {"Objects": [{"Key": "a", "VersionId": marker}]}
    (row,) = client.delete_objects(Bucket=kept, Delete=asked)["Deleted"]
    assert (row["DeleteMarkerVersionId"], row["VersionId"]) == (marker, marker)
    assert listed(client, kept) == [("a", ids[0], True, False)]


def test_versions_have_tags_and_attributes_of_their_own(client: S3Client, kept: str) -> None:
    """Tagging, attributes and copies take a version id."""
    old, new = put(client, kept, b"old"), put(client, kept, b"newer")
    tags: Any = {"TagSet": [{"Key": "t", "Value": "old"}]}
    client.put_object_tagging(Bucket=kept, Key="k", VersionId=old, Tagging=tags)
    assert client.get_object_tagging(Bucket=kept, Key="k", VersionId=old)["TagSet"] == tags["TagSet"]
    assert client.get_object_tagging(Bucket=kept, Key="k", VersionId=new)["TagSet"] == []
    size = client.get_object_attributes(Bucket=kept, Key="k", VersionId=old, ObjectAttributes=["ObjectSize"])
    assert size["ObjectSize"] == 3
    source: Any = {"Bucket": kept, "Key": "k", "VersionId": old}
    copy = client.copy_object(Bucket=kept, Key="k", CopySource=source)
    assert (copy["CopySourceVersionId"], read(client, kept)) == (old, b"old")
    assert len({old, new, copy["VersionId"]}) == 3


def test_a_delete_marker_is_no_source(client: S3Client, kept: str) -> None:
    """Copying a deleted key finds nothing; naming its marker by id is a bad request, whole or as a part."""
    put(client, kept, b"x")
    marker = client.delete_object(Bucket=kept, Key="k")["VersionId"]
    source: Any = {"Bucket": kept, "Key": "k"}
    assert refusal(client.copy_object, Bucket=kept, Key="c", CopySource=source)[:2] == ("NoSuchKey", 404)
    source["VersionId"] = marker
    assert refusal(client.copy_object, Bucket=kept, Key="c", CopySource=source)[:2] == ("InvalidRequest", 400)
    where: Any = {"Bucket": kept, "Key": "c"}
    where["UploadId"] = client.create_multipart_upload(**where)["UploadId"]
    refused = refusal(client.upload_part_copy, **where, PartNumber=1, CopySource=source)
    assert refused[:2] == ("InvalidRequest", 400)


def test_a_suspended_bucket_keeps_the_order(client: S3Client, kept: str) -> None:
    """Enabled again after a null version, the new version is the latest and the null one stays in its place."""
    first = put(client, kept, b"first")
    turn(client, kept, "Suspended")
    client.put_object(Bucket=kept, Key="k", Body=b"null")
    turn(client, kept, "Enabled")
    last = put(client, kept, b"last")
    assert [row[1] for row in listed(client, kept)] == [last, "null", first]
    client.delete_object(Bucket=kept, Key="k", VersionId=last)
    assert read(client, kept) == b"null"


def test_uploads_in_parts_are_versions(client: S3Client, kept: str) -> None:
    """A completed upload has an id, and what it replaced is kept."""
    old = put(client, kept, b"old")
    upload = client.create_multipart_upload(Bucket=kept, Key="k")["UploadId"]
    where: Any = {"Bucket": kept, "Key": "k", "UploadId": upload}
    etag = client.upload_part(**where, PartNumber=1, Body=b"parts")["ETag"]
    done = client.complete_multipart_upload(**where, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert done["VersionId"] not in (None, old)
    assert (read(client, kept, old), read(client, kept)) == (b"old", b"parts")


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_pages(client: S3Client, kept: str, size: int) -> None:
    """Whatever the page's size, all versions come once, newest first, by key."""
    wanted = []
    for key in ("a", "b/1", "c"):
        ids = [put(client, kept, b"x", key=key) for _ in range(3)]
        ids.append(client.delete_object(Bucket=kept, Key=key)["VersionId"])
        wanted += [(key, version) for version in reversed(ids)]
    seen: list[tuple[str, str]] = []
    more: Any = {}
    while True:
        page = client.list_object_versions(Bucket=kept, MaxKeys=size, **more)
        rows = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        assert len(rows) <= size
        seen += [(row["Key"], row["VersionId"]) for row in rows]
        if not page["IsTruncated"]:
            break
        more = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    assert sorted(seen) == sorted(wanted)
    assert [key for key, _ in seen] == sorted(key for key, _ in seen)


@pytest.mark.parametrize(
    ("call", "code", "status"),
    [("get_object", "NoSuchVersion", 404), ("head_object", "404", 404), ("get_object_tagging", "NoSuchVersion", 404)],
)
def test_ids_of_nobody(client: S3Client, kept: str, call: str, code: str, status: int) -> None:
    """A version id of another key is no version of this one."""
    other = put(client, kept, b"x", key="other")
    put(client, kept, b"x")
    assert refusal(getattr(client, call), Bucket=kept, Key="k", VersionId=other)[:2] == (code, status)


def test_parallel_writers_leave_all_versions(client: S3Client, kept: str) -> None:
    """N writers at once leave N versions, and the newest id is the current one."""
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda n: put(client, kept, b"%d" % n), range(24)))
    rows = listed(client, kept)
    assert sorted(row[1] for row in rows) == sorted(ids)
    assert [row[1] for row in rows if row[2]] == [client.head_object(Bucket=kept, Key="k")["VersionId"]]


def test_deleting_one_version_many_times(client: S3Client, kept: str) -> None:
    """All who delete the same version succeed, and the one before is current."""
    old, new = put(client, kept, b"old"), put(client, kept, b"new")
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: client.delete_object(Bucket=kept, Key="k", VersionId=new), range(8)),
        )
    assert {answer["ResponseMetadata"]["HTTPStatusCode"] for answer in answers} == {204}
    assert [row[1] for row in listed(client, kept)] == [old]


def test_if_none_match_on_a_deleted_key(client: S3Client, kept: str) -> None:
    """A delete marker is nothing: the key may be written as new."""
    put(client, kept, b"old")
    assert refusal(client.put_object, Bucket=kept, Key="k", Body=b"x", IfNoneMatch="*")[0] == "PreconditionFailed"
    client.delete_object(Bucket=kept, Key="k")
    put(client, kept, b"new", IfNoneMatch="*")
    assert read(client, kept) == b"new"


def test_a_bucket_with_versions_stays(client: S3Client, kept: str) -> None:
    """Also where every key is deleted."""
    put(client, kept, b"x")
    client.delete_object(Bucket=kept, Key="k")
    assert refusal(client.delete_bucket, Bucket=kept)[:2] == ("BucketNotEmpty", 409)


def test_completing_again_after_another_write(client: S3Client, kept: str) -> None:
    """Who missed the answer to a completion gets it for the version that it made, though that is older by now."""
    upload: Any = {"Bucket": kept, "Key": "k"}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    etag = client.upload_part(**upload, PartNumber=1, Body=b"joined")["ETag"]
    complete: Any = {**upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}
    first = client.complete_multipart_upload(**complete)
    put(client, kept, b"newer")
    again = client.complete_multipart_upload(**complete)
    assert (again["VersionId"], again["ETag"]) == (first["VersionId"], first["ETag"])
    assert len(client.list_object_versions(Bucket=kept)["Versions"]) == 2


def test_tags_of_the_null_version(client: S3Client, bucket: str) -> None:
    """Answers about it say its id, as those about any version do."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    turn(client, bucket, "Enabled")
    tags: Any = {"TagSet": [{"Key": "a", "Value": "1"}]}
    assert client.put_object_tagging(Bucket=bucket, Key="k", Tagging=tags)["VersionId"] == "null"
    assert client.get_object_tagging(Bucket=bucket, Key="k")["VersionId"] == "null"
    assert client.get_object_attributes(Bucket=bucket, Key="k", ObjectAttributes=["ETag"])["VersionId"] == "null"
    assert client.delete_object_tagging(Bucket=bucket, Key="k")["VersionId"] == "null"


@pytest.mark.parametrize(
    ("method", "query"),
    [("GET", ""), ("HEAD", ""), ("GET", "&tagging"), ("PUT", "&tagging"), ("DELETE", "&tagging"), ("GET", "&acl")],
)
def test_what_a_delete_marker_can_not(client: S3Client, raw: Raw, kept: str, method: str, query: str) -> None:
    """All but deleting: the refusal says whose id it was, what was tried, and that DELETE alone is allowed."""
    marker = client.delete_object(Bucket=kept, Key="k")["VersionId"]
    tags = b"<Tagging><TagSet><Tag><Key>t</Key><Value>v</Value></Tag></TagSet></Tagging>"
    reply = raw(method, f"/{kept}/k?versionId={marker}{query}", tags if method == "PUT" else b"")
    said = {name: reply.headers.get(name) for name in ("allow", "x-amz-delete-marker", "x-amz-version-id")}
    assert (reply.status, said) == (
        405,
        {"allow": "DELETE", "x-amz-delete-marker": "true", "x-amz-version-id": marker},
    )
    if method != "HEAD":
        assert (reply.find("Method"), reply.find("ResourceType")) == (method, "DeleteMarker")


@pytest.mark.parametrize("operation", ["tagging", "acl"])
def test_what_is_asked_of_a_deleted_key(client: S3Client, raw: Raw, kept: str, operation: str) -> None:
    """Nothing is there, and the headers say that it was deleted, as they do where the object itself is asked for."""
    marker = client.delete_object(Bucket=kept, Key="k")["VersionId"]
    reply = raw("GET", f"/{kept}/k?{operation}")
    assert (reply.status, reply.find("Code")) == (404, "NoSuchKey")
    assert (reply.headers["x-amz-delete-marker"], reply.headers["x-amz-version-id"]) == ("true", marker)


def test_a_marker_that_is_no_version(client: S3Client, kept: str) -> None:
    """Listing on from an id that none can have is refused."""
    put(client, kept, b"data")
    with refused("InvalidArgument", 400) as fields:
        client.list_object_versions(Bucket=kept, KeyMarker="k", VersionIdMarker="no id")
    assert (fields["ArgumentName"], fields["Message"]) == ("version-id-marker", "Invalid version id specified")


@pytest.mark.parametrize("query", ["versions", "versions&encoding-type=url"])
def test_the_document_has_one_order(client: S3Client, raw: Raw, kept: str, query: str) -> None:
    """Versions and delete markers stand as they followed each other, newest first, by key: clients go by that."""
    ids = []
    for _ in range(2):
        ids.append(put(client, kept, b"data", "a b"))
        ids.append(client.delete_object(Bucket=kept, Key="a b")["VersionId"])
    other = client.delete_object(Bucket=kept, Key="a!")["VersionId"]  # behind "a b", but before it if encoded
    last = put(client, kept, b"data", "b")
    rows = [
        row
        for row in ElementTree.fromstring(raw("GET", f"/{kept}?{query}").body)
        if row.find("{*}VersionId") is not None
    ]
    found = [(row.tag.rpartition("}")[2], row.findtext("{*}VersionId")) for row in rows]
    kinds = ["DeleteMarker", "Version", "DeleteMarker", "Version", "DeleteMarker", "Version"]
    assert found == list(zip(kinds, [*reversed(ids), other, last], strict=True))
