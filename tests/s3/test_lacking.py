"""Upstreams that lack what AWS has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from colonnade import testing
from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.backends import load
from colonnade.multi import Member, Overlay, Role

#: Words in the names of operations that many services answer with 501.
MISSING = ("Versioning", "Versions", "Tagging", "Acl", "Policy", "Lock", "Retention", "LegalHold", "Attributes", "Cors")


class Poor(Layer):
    """Has objects, listings and uploads, and lists buckets by their names alone."""

    def has(self, operation: str) -> bool:
        """See the base."""
        return not any(word in operation for word in MISSING) and super().has(operation)

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """See the base."""
        if not self.has(operation):
            operation = "GetBucketNothing"  # what no backend has is NotImplemented
        answer = await super().call(operation, arguments)
        return answer if operation != "ListBuckets" else {"Buckets": [{"Name": b["Name"]} for b in answer["Buckets"]]}


def reaching(upstream: testing.RunningServer) -> Backend:
    """The s3 backend in front of a server."""
    return load("s3", {"endpoint": upstream.url, "access": upstream.access, "secret": upstream.secret})


@pytest.fixture(params=["alone", "one of several"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of a gateway to poor services."""
    with testing.server(Poor(load("memory", {}))) as first, testing.server(Poor(load("memory", {}))) as second:
        backend = reaching(first)
        if request.param == "one of several":
            backend = Overlay([Member("first", backend, Role.PRIMARY), Member("second", reaching(second))])
            below = boto3.client("s3", **second.boto3)
            below.create_bucket(Bucket="old")
            below.put_object(Bucket="old", Key="k", Body=b"below", Metadata={"a": "b"})
        with testing.server(backend) as gateway:
            config = Config(retries={"total_max_attempts": 1})
            made = boto3.client("s3", **gateway.boto3, config=config)
            if request.param == "alone":
                made.create_bucket(Bucket="old")
                made.put_object(Bucket="old", Key="k", Body=b"below", Metadata={"a": "b"})
            yield made


def test_objects_all_the_same(client: Any) -> None:
    """Everything about objects works."""
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="k", Body=b"data")
    client.copy_object(Bucket="bucket", Key="copy", CopySource="bucket/k")
    upload = client.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
    part = client.upload_part(Bucket="bucket", Key="parts", UploadId=upload, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    client.complete_multipart_upload(Bucket="bucket", Key="parts", UploadId=upload, MultipartUpload=parts)
    client.delete_object(Bucket="bucket", Key="k")
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket="bucket")["Contents"]] == ["copy", "parts"]


def test_buckets_without_dates_and_owner(client: Any) -> None:
    """A list of buckets that are names only is listed."""
    assert "old" in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]


def test_what_is_there_already(client: Any) -> None:
    """Objects are read, copied, overwritten and deleted wherever they lie."""
    assert client.head_object(Bucket="old", Key="k")["Metadata"] == {"a": "b"}
    assert client.get_object(Bucket="old", Key="k")["Body"].read() == b"below"
    client.copy_object(Bucket="old", Key="copy", CopySource="old/k")
    assert client.get_object(Bucket="old", Key="copy")["Body"].read() == b"below"
    client.delete_object(Bucket="old", Key="k")
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket="old")["Contents"]] == ["copy"]


@pytest.mark.parametrize("operation", ["get_bucket_versioning", "get_bucket_tagging", "get_bucket_policy"])
def test_what_they_lack_is_said(client: Any, operation: str) -> None:
    """It is NotImplemented, not a failure."""
    with pytest.raises(ClientError) as refused:
        getattr(client, operation)(Bucket="old")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
