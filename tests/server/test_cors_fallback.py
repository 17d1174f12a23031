"""The origin that may use buckets without a CORS configuration of their own."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest

import colonnade.testing
from colonnade.testing import RunningServer
from tests.conformance.raw import Raw


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A server with a fallback, and an object with metadata."""
    with colonnade.testing.server(cors_origin="https://ui.example") as running:
        client = boto3.client("s3", **running.boto3)
        client.create_bucket(Bucket="plain")
        client.put_object(Bucket="plain", Key="k", Metadata={"name": "value"})
        client.create_bucket(Bucket="own")
        rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://other.example"], "ExposeHeaders": ["ETag"]}
        client.put_bucket_cors(Bucket="own", CORSConfiguration={"CORSRules": [rule]})
        yield running


@pytest.mark.parametrize("path", ["/plain/k", "/plain", "/none", "/"])
def test_a_preflight_mirrors_what_was_asked(server: RunningServer, path: str) -> None:
    """204 with the method and headers that the browser named."""
    asked = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "X-Amz-Date, authorization"}
    reply = Raw(server).unsigned("OPTIONS", path, headers={"Origin": "https://ui.example", **asked})
    found = [reply.headers[f"access-control-allow-{name}"] for name in ("origin", "methods", "headers")]
    assert (reply.status, found) == (204, ["https://ui.example", "DELETE", "x-amz-date, authorization"])


def test_answers_expose_metadata(server: RunningServer) -> None:
    """ETag, storage class and the object's own metadata can be read."""
    headers = Raw(server)("GET", "/plain/k", Origin="https://ui.example").headers
    assert headers["access-control-expose-headers"] == "ETag, x-amz-storage-class, x-amz-meta-name"
    assert headers["access-control-allow-origin"] == "https://ui.example"


def test_a_configuration_wins(server: RunningServer) -> None:
    """Who has rules is judged by them alone."""
    raw = Raw(server)
    assert "access-control-allow-origin" not in raw("GET", "/own", Origin="https://ui.example").headers
    headers = raw("GET", "/own", Origin="https://other.example").headers
    assert headers["access-control-expose-headers"] == "ETag"
