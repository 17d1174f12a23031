"""Multipart uploads."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MIB5 = 5 * 1024 * 1024


@pytest.fixture
def upload(client: S3Client, bucket: str) -> Any:
    """An upload that has begun."""
    begun = client.create_multipart_upload(Bucket=bucket, Key="k", ContentType="text/plain", Metadata={"a": "1"})
    return {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}


def put(client: S3Client, upload: Any, number: int, data: bytes) -> Any:
    """Upload a part; its row for CompleteMultipartUpload."""
    return {"PartNumber": number, "ETag": client.upload_part(**upload, PartNumber=number, Body=data)["ETag"]}


def complete(client: S3Client, upload: Any, *rows: Any) -> Any:
    """Make the object."""
    return client.complete_multipart_upload(**upload, MultipartUpload={"Parts": list(rows)})


def test_parts_become_an_object(client: S3Client, upload: Any) -> None:
    """The object is its parts in order of their numbers, uploaded in any order and at once."""
    datas = {7: b"end", 2: b"b" * MIB5, 1: b"a" * MIB5}
    with ThreadPoolExecutor(3) as pool:
        rows = list(pool.map(lambda item: put(client, upload, *item), datas.items()))
    done = complete(client, upload, *sorted(rows, key=lambda row: row["PartNumber"]))
    whole = datas[1] + datas[2] + datas[7]
    tags = b"".join(hashlib.md5(datas[number]).digest() for number in (1, 2, 7))
    assert done["ETag"] == f'"{hashlib.md5(tags).hexdigest()}-3"'
    got = client.get_object(Bucket=upload["Bucket"], Key="k")
    assert got["Body"].read() == whole
    assert (got["ETag"], got["ContentType"], got["Metadata"]) == (done["ETag"], "text/plain", {"a": "1"})
    second = client.get_object(Bucket=upload["Bucket"], Key="k", PartNumber=2)
    assert (second["Body"].read(), second["PartsCount"]) == (datas[2], 3)
    assert second["ContentRange"] == f"bytes {MIB5}-{2 * MIB5 - 1}/{len(whole)}"


def test_nothing_is_there_before(client: S3Client, upload: Any) -> None:
    """Only completing makes the object, and listings don't show what isn't one."""
    put(client, upload, 1, b"data")
    with refused("404", 404):
        client.head_object(Bucket=upload["Bucket"], Key="k")
    assert "Contents" not in client.list_objects_v2(Bucket=upload["Bucket"])


def test_a_part_is_replaced(client: S3Client, upload: Any) -> None:
    """The last part with a number is the one."""
    first = put(client, upload, 1, b"first")
    second = put(client, upload, 1, b"second")
    with refused("InvalidPart", 400):
        complete(client, upload, first)
    complete(client, upload, second)
    assert client.get_object(Bucket=upload["Bucket"], Key="k")["Body"].read() == b"second"


def test_parts_can_be_left_out(client: S3Client, upload: Any) -> None:
    """What isn't named doesn't become part of the object."""
    put(client, upload, 1, b"left out")
    complete(client, upload, put(client, upload, 2, b"taken"))
    assert client.get_object(Bucket=upload["Bucket"], Key="k")["Body"].read() == b"taken"


def test_completing_again(client: S3Client, upload: Any) -> None:
    """Who missed the answer gets it again."""
    row = put(client, upload, 1, b"data")
    assert complete(client, upload, row)["ETag"] == complete(client, upload, row)["ETag"]


def test_small_parts(client: S3Client, upload: Any) -> None:
    """Only the last part may be smaller than 5 MiB."""
    rows = [put(client, upload, number, b"small") for number in (1, 2)]
    with refused("EntityTooSmall", 400):
        complete(client, upload, *rows)


def test_wrong_order(client: S3Client, upload: Any) -> None:
    """Parts are named in order."""
    rows = [put(client, upload, number, b"data") for number in (1, 2)]
    with refused("InvalidPartOrder", 400):
        complete(client, upload, *reversed(rows))


def test_a_part_that_is_not_there(client: S3Client, upload: Any) -> None:
    """A number or an ETag that wasn't uploaded is InvalidPart."""
    row = put(client, upload, 1, b"data")
    with refused("InvalidPart", 400):
        complete(client, upload, row | {"PartNumber": 2})
    with refused("InvalidPart", 400):
        complete(client, upload, row | {"ETag": '"00000000000000000000000000000000"'})


def test_no_parts_at_all(client: S3Client, upload: Any) -> None:
    """There must be a list of parts."""
    with refused("MalformedXML", 400):
        complete(client, upload)


@pytest.mark.parametrize("number", [0, 10_001])
def test_part_numbers(client: S3Client, upload: Any, number: int) -> None:
    """They go from 1 to 10,000."""
    with refused("InvalidArgument", 400):
        put(client, upload, number, b"data")


def test_an_upload_that_is_not_there(client: S3Client, upload: Any) -> None:
    """Every operation on it is NoSuchUpload."""
    gone = upload | {"UploadId": "0" * 32}
    with refused("NoSuchUpload", 404):
        put(client, gone, 1, b"data")
    with refused("NoSuchUpload", 404):
        client.list_parts(**gone)
    with refused("NoSuchUpload", 404):
        client.abort_multipart_upload(**gone)
    with refused("NoSuchUpload", 404):
        complete(client, gone, {"PartNumber": 1, "ETag": '"x"'})


def test_aborting(client: S3Client, upload: Any) -> None:
    """An aborted upload is gone with its parts."""
    put(client, upload, 1, b"data")
    assert client.abort_multipart_upload(**upload)["ResponseMetadata"]["HTTPStatusCode"] == 204
    with refused("NoSuchUpload", 404):
        client.list_parts(**upload)
    assert "Uploads" not in client.list_multipart_uploads(Bucket=upload["Bucket"])


def test_listing_parts(client: S3Client, upload: Any) -> None:
    """Parts come in order, page by page."""
    for number in (10, 2, 1):
        put(client, upload, number, b"x" * number)
    pages = client.get_paginator("list_parts").paginate(**upload, PaginationConfig={"PageSize": 2})
    rows = [[(row["PartNumber"], row["Size"]) for row in page["Parts"]] for page in pages]
    assert rows == [[(1, 1), (2, 2)], [(10, 10)]]


def test_listing_uploads(client: S3Client, bucket: str) -> None:
    """Uploads come by key, page by page, two of one key in the order they began."""
    ids = [
        (key, client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]) for key in ("a", "b/1", "b/1", "c")
    ]
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    found = [(row["Key"], row["UploadId"]) for page in pages for row in page["Uploads"]]
    assert sorted(found) == sorted(ids)
    assert [key for key, _ in found] == ["a", "b/1", "b/1", "c"]
    rolled = client.list_multipart_uploads(Bucket=bucket, Delimiter="/", Prefix="b")
    assert [row["Prefix"] for row in rolled["CommonPrefixes"]] == ["b/"]


def test_part_copy(client: S3Client, upload: Any) -> None:
    """A part can be a range of an object, or a whole one."""
    bucket = upload["Bucket"]
    client.put_object(Bucket=bucket, Key="source", Body=b"0123456789")
    result = client.upload_part_copy(
        **upload, PartNumber=1, CopySource={"Bucket": bucket, "Key": "source"}, CopySourceRange="bytes=2-5"
    )["CopyPartResult"]
    assert result["ETag"] == f'"{hashlib.md5(b"2345").hexdigest()}"'
    complete(client, upload, {"PartNumber": 1, "ETag": result["ETag"]})
    assert client.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2345"


@pytest.mark.parametrize("header", ["bytes=5-20", "bytes=5-", "5-6"])
def test_part_copy_of_a_bad_range(client: S3Client, upload: Any, header: str) -> None:
    """First and last byte must both be in the source."""
    client.put_object(Bucket=upload["Bucket"], Key="source", Body=b"0123456789")
    with refused("InvalidArgument", 400):
        client.upload_part_copy(
            **upload, PartNumber=1, CopySource={"Bucket": upload["Bucket"], "Key": "source"}, CopySourceRange=header
        )


def test_completing_on_a_condition(client: S3Client, upload: Any) -> None:
    """If-None-Match: * is judged when the object would appear; the upload stays."""
    row = put(client, upload, 1, b"data")
    client.put_object(Bucket=upload["Bucket"], Key="k", Body=b"faster")
    with refused("PreconditionFailed", 412):
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": [row]}, IfNoneMatch="*")
    assert len(client.list_parts(**upload)["Parts"]) == 1


def test_the_whole_s_size(client: S3Client, upload: Any) -> None:
    """x-amz-mp-object-size must be the sum of the parts."""
    row = put(client, upload, 1, b"data")
    with refused("InvalidRequest", 400):
        client.complete_multipart_upload(**upload, MultipartUpload={"Parts": [row]}, MpuObjectSize=5)
    client.complete_multipart_upload(**upload, MultipartUpload={"Parts": [row]}, MpuObjectSize=4)


def test_tags_go_along(client: S3Client, bucket: str) -> None:
    """Tags said at the beginning are the object's."""
    begun = client.create_multipart_upload(Bucket=bucket, Key="k", Tagging="a=1")
    upload = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
    complete(client, upload, put(client, upload, 1, b"data"))
    assert client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "a", "Value": "1"}]
