"""CopyObject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.fixture
def source(client: S3Client, bucket: str) -> Any:
    """An object with everything beside it that a copy may take along."""
    client.put_object(
        Bucket=bucket, Key="source", Body=b"data", ContentType="text/plain", Metadata={"a": "1"}, Tagging="t=1"
    )
    return {"Bucket": bucket, "Key": "source"}


def test_bytes_and_metadata_go_along(client: S3Client, bucket: str, source: Any) -> None:
    """Without directives a copy has what its source has."""
    result = client.copy_object(Bucket=bucket, Key="copy", CopySource=source)["CopyObjectResult"]
    copy = client.get_object(Bucket=bucket, Key="copy")
    assert (copy["Body"].read(), copy["ContentType"], copy["Metadata"]) == (b"data", "text/plain", {"a": "1"})
    assert copy["ETag"] == result["ETag"]
    assert client.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "t", "Value": "1"}]


def test_metadata_can_be_replaced(client: S3Client, bucket: str, source: Any) -> None:
    """REPLACE takes the request's metadata, all of it."""
    client.copy_object(
        Bucket=bucket, Key="copy", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"},
        ContentType="image/png",
    )  # fmt: skip
    copy = client.head_object(Bucket=bucket, Key="copy")
    assert (copy["ContentType"], copy["Metadata"]) == ("image/png", {"b": "2"})


def test_metadata_of_the_request_is_ignored_otherwise(client: S3Client, bucket: str, source: Any) -> None:
    """COPY, the default, takes the source's."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source, Metadata={"b": "2"})
    assert client.head_object(Bucket=bucket, Key="copy")["Metadata"] == {"a": "1"}


def test_tags_can_be_replaced(client: S3Client, bucket: str, source: Any) -> None:
    """The tagging directive is a thing of its own."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source, TaggingDirective="REPLACE", Tagging="x=y")
    assert client.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "x", "Value": "y"}]


def test_to_itself_without_a_change(client: S3Client, bucket: str, source: Any) -> None:
    """A copy that would change nothing is refused."""
    with refused("InvalidRequest", 400):
        client.copy_object(Bucket=bucket, Key="source", CopySource=source)


def test_to_itself_with_new_metadata(client: S3Client, bucket: str, source: Any) -> None:
    """This is how metadata is changed in S3."""
    client.copy_object(Bucket=bucket, Key="source", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"})
    answer = client.get_object(Bucket=bucket, Key="source")
    assert (answer["Body"].read(), answer["Metadata"]) == (b"data", {"b": "2"})


@pytest.mark.parametrize("key", ["a b", "a+b", "a%20b", "ü/日本", "q?x=y", "a&b"])
def test_odd_sources(client: S3Client, bucket: str, key: str) -> None:
    """Names in the header are percent-encoded."""
    client.put_object(Bucket=bucket, Key=key, Body=key.encode())
    client.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    assert client.get_object(Bucket=bucket, Key="copy")["Body"].read() == key.encode()


def test_a_plus_in_the_header_is_a_space(client: S3Client, bucket: str, raw: Raw) -> None:
    """As forms have it, and s5cmd writes it; a plus of the key's own is written as %2B."""
    client.put_object(Bucket=bucket, Key="a b", Body=b"space")
    client.put_object(Bucket=bucket, Key="a+b", Body=b"plus")
    for source, body in ((f"{bucket}/a+b", b"space"), (f"{bucket}/a%2Bb", b"plus")):
        assert raw("PUT", f"/{bucket}/copy", x_amz_copy_source=source).status == 200
        assert client.get_object(Bucket=bucket, Key="copy")["Body"].read() == body


def test_a_slash_in_front_of_the_source(bucket: str, raw: Raw, source: Any) -> None:
    """/bucket/key is as good as bucket/key."""
    assert raw("PUT", f"/{bucket}/copy", x_amz_copy_source=f"/{bucket}/source").status == 200


def test_the_null_version_as_source(client: S3Client, bucket: str, source: Any) -> None:
    """versionId=null names what a bucket without versions holds."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source | {"VersionId": "null"})
    assert client.head_object(Bucket=bucket, Key="copy")["ContentLength"] == 4


def test_a_missing_source(client: S3Client, bucket: str) -> None:
    """Nothing can't be copied."""
    with refused("NoSuchKey", 404):
        client.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "none"})


def test_a_source_without_key(bucket: str, raw: Raw) -> None:
    """The header must name bucket and key."""
    reply = raw("PUT", f"/{bucket}/copy", x_amz_copy_source="bucketonly")
    assert (reply.status, reply.find("Code")) == (400, "InvalidArgument")


def test_between_buckets(client: S3Client, bucket: str, new_bucket: str, source: Any) -> None:
    """The source may be in another bucket."""
    client.create_bucket(Bucket=f"{bucket}-other")
    client.copy_object(Bucket=f"{bucket}-other", Key="copy", CopySource=source)
    assert client.get_object(Bucket=f"{bucket}-other", Key="copy")["Body"].read() == b"data"


def test_another_checksum(client: S3Client, bucket: str, source: Any) -> None:
    """A copy can be summed another way than its source."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source, ChecksumAlgorithm="SHA1")
    assert "ChecksumSHA1" in client.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")


HEADERS = {
    "CacheControl": "no-cache",
    "ContentDisposition": "attachment",
    "ContentEncoding": "gzip",
    "ContentLanguage": "de",
    "ContentType": "text/plain",
    "Expires": "Thu, 01 Jan 2032 00:00:00 GMT",
}


def test_all_headers_go_along(client: S3Client, bucket: str) -> None:
    """What describes the content is copied; the class and the redirect are the copy's own."""
    more: Any = HEADERS | {"StorageClass": "STANDARD_IA", "WebsiteRedirectLocation": "/elsewhere"}
    client.put_object(Bucket=bucket, Key="source", Body=b"data", **more)
    client.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source")
    copy: Any = client.head_object(Bucket=bucket, Key="copy")
    told = {name: copy.get("ExpiresString" if name == "Expires" else name) for name in HEADERS}
    assert told == HEADERS
    assert not {"StorageClass", "WebsiteRedirectLocation"} & set(copy)


def test_no_header_stays_when_metadata_is_replaced(client: S3Client, bucket: str) -> None:
    """REPLACE without any is none, but for the type that every object has."""
    client.put_object(Bucket=bucket, Key="source", Body=b"data", **HEADERS)  # type: ignore[arg-type]
    client.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source", MetadataDirective="REPLACE")
    copy = client.head_object(Bucket=bucket, Key="copy")
    assert copy["ContentType"] == "binary/octet-stream"
    assert not (HEADERS.keys() - {"ContentType"}) & set(copy)


def test_tags_of_the_request_are_ignored_otherwise(client: S3Client, bucket: str, source: Any) -> None:
    """COPY, the default, takes the source's; replaced by none there are none."""
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source, Tagging="x=y")
    assert client.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "t", "Value": "1"}]
    client.copy_object(Bucket=bucket, Key="copy", CopySource=source, TaggingDirective="REPLACE")
    assert client.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == []


@pytest.mark.parametrize("header", ["x_amz_metadata_directive", "x_amz_tagging_directive"])
def test_unknown_directives(bucket: str, raw: Raw, source: Any, header: str) -> None:
    """A directive is COPY or REPLACE."""
    headers = {"x_amz_copy_source": f"{bucket}/source", header: "KEEP"}
    reply = raw("PUT", f"/{bucket}/copy", b"", **headers)
    assert (reply.status, reply.find("Code")) == (400, "InvalidArgument")


@pytest.mark.parametrize(
    "change", [{"StorageClass": "STANDARD_IA"}, {"ChecksumAlgorithm": "SHA256"}, {"WebsiteRedirectLocation": "/x"}]
)
def test_to_itself_for_a_change(client: S3Client, bucket: str, source: Any, change: Any) -> None:
    """Another class, checksum or redirect is worth a copy onto itself, which keeps all else."""
    client.copy_object(Bucket=bucket, Key="source", CopySource=source, **change)
    head = client.get_object(Bucket=bucket, Key="source")
    assert (head["Body"].read(), head["Metadata"], head["TagCount"]) == (b"data", {"a": "1"}, 1)


def test_the_checksum_goes_along(client: S3Client, bucket: str) -> None:
    """A copy is summed as its source was."""
    put = client.put_object(Bucket=bucket, Key="source", Body=b"data", ChecksumAlgorithm="SHA256")
    result = client.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source")["CopyObjectResult"]
    head = client.head_object(Bucket=bucket, Key="copy", ChecksumMode="ENABLED")
    assert result["ChecksumSHA256"] == head["ChecksumSHA256"] == put["ChecksumSHA256"]


def test_of_what_came_in_parts(client: S3Client, bucket: str) -> None:
    """A copy is one piece: its ETag is its MD5, its checksum that of the whole, and it has no parts."""
    upload: Any = {"Bucket": bucket, "Key": "source"}
    upload["UploadId"] = client.create_multipart_upload(**upload, ChecksumAlgorithm="SHA256")["UploadId"]
    part = client.upload_part(**upload, PartNumber=1, Body=b"data", ChecksumAlgorithm="SHA256")
    row: Any = {"PartNumber": 1, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]}
    client.complete_multipart_upload(**upload, MultipartUpload={"Parts": [row]})
    result = client.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/source")["CopyObjectResult"]
    assert result["ETag"] == '"8d777f385d3dfec8815d20f7496026dc"'
    assert (result["ChecksumSHA256"], result["ChecksumType"]) == (part["ChecksumSHA256"], "FULL_OBJECT")
    assert "PartsCount" not in client.head_object(Bucket=bucket, Key="copy", PartNumber=1)


@pytest.mark.parametrize("place", ["source", "target"])
def test_missing_buckets(client: S3Client, bucket: str, source: Any, place: str) -> None:
    """Neither from nor into a bucket that isn't there."""
    gone = f"{bucket}-none"
    where: Any = {"Bucket": bucket, "CopySource": f"{gone}/source"}
    if place == "target":
        where = {"Bucket": gone, "CopySource": source}
    with refused("NoSuchBucket", 404):
        client.copy_object(**where, Key="copy")


@pytest.mark.needs("PutBucketVersioning")
def test_parts_of_a_version(client: S3Client, bucket: str) -> None:
    """A part can be a range of an older version."""
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    older = client.put_object(Bucket=bucket, Key="source", Body=b"0123456789")["VersionId"]
    client.put_object(Bucket=bucket, Key="source", Body=b"newer")
    upload: Any = {"Bucket": bucket, "Key": "k"}
    upload["UploadId"] = client.create_multipart_upload(**upload)["UploadId"]
    source: Any = {"Bucket": bucket, "Key": "source", "VersionId": older}
    part = client.upload_part_copy(**upload, PartNumber=1, CopySource=source, CopySourceRange="bytes=7-9")
    assert part["CopySourceVersionId"] == older
    rows: Any = [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]
    client.complete_multipart_upload(**upload, MultipartUpload={"Parts": rows})
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"789"


def test_an_empty_version_as_source(bucket: str, raw: Raw, source: Any) -> None:
    """A source that names a version, and none, is not the current one, for a whole copy nor for a part."""
    begun = raw("POST", f"/{bucket}/part?uploads").find("UploadId")
    for path in ("copy", f"part?partNumber=1&uploadId={begun}"):
        reply = raw("PUT", f"/{bucket}/{path}", x_amz_copy_source=f"{bucket}/{source['Key']}?versionId=")
        assert (reply.status, reply.find("Code")) == (400, "InvalidArgument")
        assert reply.find("Message") == "Version id cannot be the empty string"
