"""Long calls are answered early, and end as boto3 expects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

import colonnade.testing
from colonnade import Layer, S3Error
from colonnade.backends import load
from colonnade.testing import RunningServer
from colonnade.wire.markup import HEADER
from colonnade.wire.patience import LONG
from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Slow(Layer):
    """Takes its time over long operations, then fails where the key says so."""

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """The same, later."""
        if operation in LONG:
            for _ in range(6):  # a machine that stands still shortens one of these, not all
                await asyncio.sleep(0.1)
            if arguments["Key"] == "refused":
                raise S3Error("InvalidPart")
            if arguments["Key"] == "broken":
                raise RuntimeError("a bug")
        return await super().call(operation, arguments)


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    """A slow server that waits no longer than a tenth of a second."""
    with colonnade.testing.server(Slow(load("memory", {})), patience=0.1) as server:
        yield server


@pytest.fixture(scope="module")
def client(served: RunningServer) -> S3Client:
    """boto3 without retries, with a bucket and an object."""
    made: S3Client = boto3.client("s3", **served.boto3, config=Config(retries={"total_max_attempts": 1}))
    made.create_bucket(Bucket="bucket")
    made.put_object(Bucket="bucket", Key="source", Body=b"data")
    return made


def complete(client: S3Client, key: str) -> Any:
    """A whole multipart upload of one part."""
    named: Any = {"Bucket": "bucket", "Key": key}
    named["UploadId"] = client.create_multipart_upload(**named)["UploadId"]
    part = client.upload_part(**named, PartNumber=1, Body=b"data")
    parts: Any = [{"PartNumber": 1, "ETag": part["ETag"]}]
    return client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})


def test_a_result_after_white_space(client: S3Client) -> None:
    """boto3 reads the result of a complete that took long."""
    assert complete(client, "done")["Key"] == "done"
    assert client.get_object(Bucket="bucket", Key="done")["Body"].read() == b"data"


def test_an_error_after_white_space(client: S3Client) -> None:
    """boto3 finds the error inside the 200."""
    with refused("InvalidPart"):
        complete(client, "refused")


def test_a_bug_after_white_space(client: S3Client) -> None:
    """What goes wrong late is an InternalError inside the 200."""
    with refused("InternalError"):
        client.copy_object(Bucket="bucket", Key="broken", CopySource="bucket/source")


def test_what_is_sent(served: RunningServer, client: S3Client) -> None:
    """The declaration, spaces while it works, then one document."""
    reply = Raw(served)("PUT", "/bucket/copy", x_amz_copy_source="bucket/source")
    assert reply.status == 200
    assert reply.body.startswith(HEADER.encode() + b"   ")
    assert reply.body.removeprefix(HEADER.encode()).lstrip().startswith(b"<CopyObjectResult")
