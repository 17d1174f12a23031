"""HeadBucket's region: the gateway's own, whatever lies behind it, for requests must be signed for that."""

from __future__ import annotations

from typing import Any

import boto3

import colonnade.testing
from colonnade import Layer
from colonnade.backends import load
from tests.conformance.raw import Raw


class Silent(Layer):
    """Says of a bucket that it is there, and no more: as several backends do of one that lies below."""

    async def head_bucket(self, **arguments: Any) -> dict[str, Any]:
        """Nothing."""
        await self.inner.call("HeadBucket", arguments)
        return {}


def test_the_gateways_own() -> None:
    """It is where signatures say that the bucket is; of no bucket there is none."""
    with colonnade.testing.server(Silent(load("memory", {})), region="here-1") as server:
        raw = Raw(server)
        raw("PUT", "/bucket")
        assert raw("HEAD", "/bucket").headers["x-amz-bucket-region"] == "here-1"
        assert raw.unsigned("HEAD", "/bucket").headers["x-amz-bucket-region"] == "here-1"
        assert "x-amz-bucket-region" not in raw("HEAD", "/none").headers


def test_a_client_of_another_region_finds_the_right_one() -> None:
    """boto3 looks for it in the answer to HeadBucket, and signs anew."""
    with colonnade.testing.server(load("memory", {}), region="here-1") as server:
        Raw(server)("PUT", "/bucket")
        stray = boto3.client(
            "s3",
            endpoint_url=server.url,
            region_name="there-1",
            aws_access_key_id=server.access,
            aws_secret_access_key=server.secret,
        )
        assert stray.head_bucket(Bucket="bucket")["BucketRegion"] == "here-1"
        stray.put_object(Bucket="bucket", Key="k", Body=b"x")
        assert stray.head_object(Bucket="bucket", Key="k")["ContentLength"] == 1
