"""What is kept beside the bytes, by every way that leads to an object: put, copied, uploaded in parts."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, Any

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from colonnade.testing import RunningServer
from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

#: Neither sorted nor reversed.
TAGS: Any = [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": ""}, {"Key": "a ü", "Value": "1 +/"}]
HEADER = "b=2&c=&a+%C3%BC=1+%2B/"
BESIDE: Any = {
    "Metadata": {"name": "value"},
    "ContentType": "text/plain",
    "ContentLanguage": "de",
    "CacheControl": "no-cache",
    "StorageClass": "STANDARD_IA",
    "WebsiteRedirectLocation": "/other",
    "Tagging": HEADER,
}


def put(client: S3Client, bucket: str, given: Any) -> None:
    """By PutObject."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x", **given)


def copy(client: S3Client, bucket: str, given: Any) -> None:
    """By CopyObject, everything replaced."""
    client.put_object(Bucket=bucket, Key="source", Body=b"x", Metadata={"other": "o"}, Tagging="o=o")
    source: Any = {"Bucket": bucket, "Key": "source"}
    client.copy_object(Bucket=bucket, Key="k", CopySource=source, MetadataDirective="REPLACE",
                       TaggingDirective="REPLACE", **given)  # fmt: skip


def upload(client: S3Client, bucket: str, given: Any) -> None:
    """In one part."""
    named: Any = {"Bucket": bucket, "Key": "k"}
    named["UploadId"] = client.create_multipart_upload(**named, **given)["UploadId"]
    part = client.upload_part(**named, PartNumber=1, Body=b"x")
    parts: Any = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(**named, MultipartUpload=parts)


ways = pytest.mark.parametrize("way", [put, copy, upload])


@ways
def test_all_of_it_by_every_way(client: S3Client, bucket: str, way: Any) -> None:
    """Metadata, headers, storage class, redirect and tags come back, and listings know the storage class."""
    way(client, bucket, BESIDE)
    head: Any = client.head_object(Bucket=bucket, Key="k")
    assert {name: head[name] for name in BESIDE if name != "Tagging"} == {
        name: value for name, value in BESIDE.items() if name != "Tagging"
    }
    assert client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == TAGS
    listed = {row["Key"]: row for row in client.list_objects_v2(Bucket=bucket)["Contents"]}
    assert listed["k"]["StorageClass"] == "STANDARD_IA"


def test_tags_keep_their_order(client: S3Client, bucket: str) -> None:
    """On objects and on buckets."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": TAGS})
    client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS})
    assert client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == TAGS
    assert client.get_bucket_tagging(Bucket=bucket)["TagSet"] == TAGS


@ways
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"Tagging": "&".join(f"k{n}=v" for n in range(11))}, "BadRequest"),
        ({"Tagging": "a=1&a=2"}, "InvalidArgument"),
        ({"Tagging": f"{'k' * 129}=v"}, "InvalidTag"),
        ({"Tagging": f"k={'v' * 257}"}, "InvalidTag"),
        ({"Tagging": "k=a%09b"}, "InvalidTag"),
        ({"Tagging": "aws:k=v"}, "InvalidTag"),
        ({"WebsiteRedirectLocation": "other"}, "InvalidRedirectLocation"),
        ({"WebsiteRedirectLocation": "/" + "x" * 2048}, "InvalidRedirectLocation"),
        ({"StorageClass": "CHEAP"}, "InvalidStorageClass"),
        ({"Metadata": {"name": "v" * 2045}}, "MetadataTooLarge"),
    ],
)
def test_what_s3_refuses(client: S3Client, bucket: str, way: Any, given: Any, code: str) -> None:
    """The limits are those of every way, and nothing is stored."""
    with refused(code, 400):
        way(client, bucket, given)
    with refused("404", 404):
        client.head_object(Bucket=bucket, Key="k")


@pytest.mark.parametrize("tag", ["ü", "日本", "a b", "a\u00a0b", "+-=._:/@", "٣", "k" * 128])
def test_letters_of_all_scripts(client: S3Client, bucket: str, tag: str) -> None:
    """Letters, numbers and spaces, whatever their script, and eight signs."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": tag, "Value": tag}]})
    assert client.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": tag, "Value": tag}]


@pytest.mark.parametrize("tag", ["a\tb", "a\nb", "a,b", "a*", "€", "\u200b", "🙂"])
def test_other_signs(client: S3Client, bucket: str, tag: str) -> None:
    """What is neither letter, number nor space is no tag's."""
    client.put_object(Bucket=bucket, Key="k", Body=b"x")
    with refused("InvalidTag", 400):
        client.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "k", "Value": tag}]})


def test_an_empty_set_of_bucket_tags_is_none(client: S3Client, bucket: str) -> None:
    """Putting no tags takes them away."""
    client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": TAGS})
    client.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": []})
    with refused("NoSuchTagSet", 404):
        client.get_bucket_tagging(Bucket=bucket)


def test_metadata_in_utf8(target: RunningServer, bucket: str, client: S3Client, raw: Raw) -> None:
    """Header bytes that are UTF-8 are taken as they are, told encoded (RFC 2047), and counted in bytes."""
    assert send(target, f"/{bucket}/k", "grüße") == 200
    told = raw("HEAD", f"/{bucket}/k").headers["x-amz-meta-name"]
    assert (told.startswith("=?UTF-8?"), told.isascii()) == (True, True)
    assert send(target, f"/{bucket}/k", told) == 200
    assert raw("HEAD", f"/{bucket}/k").headers["x-amz-meta-name"] == told
    assert send(target, f"/{bucket}/full", "ü" * 1022) == 200
    assert send(target, f"/{bucket}/full", "ü" * 1023) == 400


def send(server: RunningServer, path: str, value: str) -> int:
    """Put an object with raw UTF-8 in x-amz-meta-name, signed as those bytes."""
    request = AWSRequest("PUT", server.url + path, headers={"x-amz-meta-name": value}, data=b"")
    S3SigV4Auth(Credentials(server.access, server.secret), "s3", server.region).add_auth(request)
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    connection.putrequest("PUT", path, skip_host="host" in {name.lower() for name in request.headers})
    for name, text in request.headers.items():
        connection.putheader(name, text.encode())
    connection.putheader("content-length", "0")
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status
