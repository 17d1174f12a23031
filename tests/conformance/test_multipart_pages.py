"""Listings of parts and of uploads: markers, prefixes, delimiters, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

#: In the order of a listing; two keys have several uploads.
KEYS = ["a", "b/1", "b/1", "b/1", "b/2", "c", "c", "d+e"]


@pytest.fixture
def begun(client: S3Client, bucket: str) -> list[tuple[str, str]]:
    """Keys and ids of uploads, as they are listed."""
    return [(key, client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]) for key in KEYS]


def pairs(client: S3Client, bucket: str, **more: Any) -> list[tuple[str, str]]:
    """What a page shows."""
    page = client.list_multipart_uploads(Bucket=bucket, **more)
    return [(row["Key"], row["UploadId"]) for row in page.get("Uploads", ())]


def test_uploads_all(client: S3Client, bucket: str, begun: Any) -> None:
    """By key, and those of one key by when they began."""
    page = client.list_multipart_uploads(Bucket=bucket)
    assert pairs(client, bucket) == begun
    assert (page["IsTruncated"], page["MaxUploads"], page["Bucket"]) == (False, 1000, bucket)
    assert {"Initiated", "Owner", "Initiator", "StorageClass"} <= set(page["Uploads"][0])


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_uploads_page_by_page(client: S3Client, bucket: str, begun: Any, size: int) -> None:
    """Both markers of a page lead to the next, also in the middle of a key."""
    seen: list[Any] = []
    markers: dict[str, str] = {}
    while True:
        page = client.list_multipart_uploads(Bucket=bucket, MaxUploads=size, **markers)  # type: ignore[arg-type]
        rows = [(row["Key"], row["UploadId"]) for row in page["Uploads"]]
        seen += rows
        if not page["IsTruncated"]:
            break
        assert (page["NextKeyMarker"], page["NextUploadIdMarker"]) == rows[-1]
        markers = {"KeyMarker": page["NextKeyMarker"], "UploadIdMarker": page["NextUploadIdMarker"]}
    assert seen == begun


def test_uploads_after_a_key(client: S3Client, bucket: str, begun: Any) -> None:
    """A key marker alone skips all of that key, whether there is one or not."""
    assert pairs(client, bucket, KeyMarker="b/1") == begun[4:]
    assert pairs(client, bucket, KeyMarker="b/1x") == begun[4:]
    assert pairs(client, bucket, KeyMarker="z") == []


def test_uploads_after_an_upload(client: S3Client, bucket: str, begun: Any) -> None:
    """With both markers those of the key that came later follow; without the key the other is ignored."""
    assert pairs(client, bucket, KeyMarker="b/1", UploadIdMarker=begun[1][1]) == begun[2:]
    assert pairs(client, bucket, KeyMarker="c", UploadIdMarker=begun[6][1]) == begun[7:]
    assert pairs(client, bucket, UploadIdMarker=begun[3][1]) == begun


def test_uploads_below_a_prefix(client: S3Client, bucket: str, begun: Any) -> None:
    """A prefix need not end at a slash; with a delimiter what lies deeper is rolled up."""
    assert pairs(client, bucket, Prefix="b") == begun[1:5]
    page = client.list_multipart_uploads(Bucket=bucket, Delimiter="/")
    assert [row["Key"] for row in page["Uploads"]] == ["a", "c", "c", "d+e"]
    assert page["CommonPrefixes"] == [{"Prefix": "b/"}]
    first = client.list_multipart_uploads(Bucket=bucket, Delimiter="/", MaxUploads=2)
    assert (first["NextKeyMarker"], first["IsTruncated"]) == ("b/", True)
    assert pairs(client, bucket, Delimiter="/", KeyMarker="b/") == begun[5:]


def test_uploads_encoded(bucket: str, begun: Any, raw: Raw) -> None:
    """encoding-type=url is for keys that XML can't hold."""
    reply = raw("GET", f"/{bucket}?uploads&encoding-type=url&prefix=d")
    assert (reply.status, reply.find("Key"), reply.find("EncodingType")) == (200, "d%2Be", "url")


def test_uploads_that_ended_are_no_more(client: S3Client, bucket: str, begun: Any) -> None:
    """Completed and aborted ones leave the list; a marker of one still leads on."""
    where: Any = {"Bucket": bucket, "Key": "b/1"}
    etag = client.upload_part(**where, UploadId=begun[1][1], PartNumber=1, Body=b"x")["ETag"]
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
    client.complete_multipart_upload(**where, UploadId=begun[1][1], MultipartUpload=parts)
    client.abort_multipart_upload(**where, UploadId=begun[2][1])
    assert pairs(client, bucket) == [begun[0], *begun[3:]]
    assert pairs(client, bucket, KeyMarker="b/1", UploadIdMarker=begun[2][1]) == begun[3:]


@pytest.fixture
def parts(client: S3Client, bucket: str) -> Any:
    """An upload with parts 1, 3, 5, 7 and 10000."""
    begun = client.create_multipart_upload(Bucket=bucket, Key="k")
    upload: Any = {"Bucket": bucket, "Key": "k", "UploadId": begun["UploadId"]}
    for number in (7, 10_000, 3, 1, 5):
        client.upload_part(**upload, PartNumber=number, Body=b"%d" % number)
    return upload


@pytest.mark.parametrize(
    ("asked", "numbers", "following"),
    [
        ({}, [1, 3, 5, 7, 10_000], None),
        ({"MaxParts": 2}, [1, 3], 3),
        ({"MaxParts": 2, "PartNumberMarker": 3}, [5, 7], 7),
        ({"PartNumberMarker": 4}, [5, 7, 10_000], None),
        ({"MaxParts": 5}, [1, 3, 5, 7, 10_000], None),
        ({"MaxParts": 1, "PartNumberMarker": 7}, [10_000], None),
        ({"PartNumberMarker": 10_000}, [], None),
    ],
)
def test_parts_listed(client: S3Client, parts: Any, asked: Any, numbers: list[int], following: int | None) -> None:
    """Those after the marker, as many as asked for."""
    page = client.list_parts(**parts, **asked)
    assert [row["PartNumber"] for row in page.get("Parts", ())] == numbers
    assert page["IsTruncated"] is (following is not None)
    if following is not None:
        assert page["NextPartNumberMarker"] == following


def test_parts_listed_have_it_all(client: S3Client, parts: Any) -> None:
    """Size, ETag and date of each, and whose upload it is."""
    page = client.list_parts(**parts)
    assert [row["Size"] for row in page["Parts"]] == [1, 1, 1, 1, 5]
    assert all(row["ETag"].startswith('"') and row["LastModified"] for row in page["Parts"])
    assert {"Owner", "Initiator", "StorageClass", "MaxParts"} <= set(page)


@pytest.mark.parametrize("numbers", [[1, 1], [3, 1], [1, 5, 3]])
def test_parts_in_no_order(client: S3Client, parts: Any, numbers: list[int]) -> None:
    """A number twice is no order either."""
    tags = {row["PartNumber"]: row["ETag"] for row in client.list_parts(**parts)["Parts"]}
    rows: Any = [{"PartNumber": number, "ETag": tags[number]} for number in numbers]
    with refused("InvalidPartOrder", 400):
        client.complete_multipart_upload(**parts, MultipartUpload={"Parts": rows})


def test_an_overwritten_completion(client: S3Client, parts: Any) -> None:
    """Once the object was replaced, completing again finds no upload."""
    row: Any = {"PartNumber": 1, "ETag": client.list_parts(**parts)["Parts"][0]["ETag"]}
    client.complete_multipart_upload(**parts, MultipartUpload={"Parts": [row]})
    client.put_object(Bucket=parts["Bucket"], Key="k", Body=b"newer")
    with refused("NoSuchUpload", 404):
        client.complete_multipart_upload(**parts, MultipartUpload={"Parts": [row]})


def test_a_last_page_of_uploads_says_where_it_ends(client: S3Client, bucket: str, begun: Any) -> None:
    """Both markers are there on every page, empty where nothing is on it."""
    page = client.list_multipart_uploads(Bucket=bucket)
    assert (page["IsTruncated"], page["NextKeyMarker"], page["NextUploadIdMarker"]) == (False, *begun[-1])
    empty = client.list_multipart_uploads(Bucket=bucket, Prefix="none")
    assert (empty["NextKeyMarker"], empty["NextUploadIdMarker"]) == ("", "")


def test_an_upload_marker_without_a_key_is_not_repeated(client: S3Client, bucket: str, begun: Any) -> None:
    """It is ignored, and the answer says that there was none."""
    page = client.list_multipart_uploads(Bucket=bucket, UploadIdMarker=begun[3][1])
    assert (page["KeyMarker"], page["UploadIdMarker"]) == ("", "")


@pytest.mark.parametrize("name", ["part-number-marker", "max-parts"])
@pytest.mark.parametrize("value", ["-1", "many"])
def test_parts_by_no_number(raw: Raw, parts: Any, name: str, value: str) -> None:
    """Marker and maximum must be numbers, and not below 0."""
    reply = raw("GET", f"/{parts['Bucket']}/k?uploadId={parts['UploadId']}&{name}={value}")
    assert (reply.status, reply.find("Code"), reply.find("ArgumentName")) == (400, "InvalidArgument", name)
    assert reply.find("ArgumentValue") == value


def test_parts_of_an_upload_without_any(client: S3Client, bucket: str) -> None:
    """The page is empty, and ends at 0."""
    begun = client.create_multipart_upload(Bucket=bucket, Key="k")
    page = client.list_parts(Bucket=bucket, Key="k", UploadId=begun["UploadId"])
    assert page.get("Parts", []) == []
    assert (page["NextPartNumberMarker"], page["IsTruncated"]) == (0, False)
