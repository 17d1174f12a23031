"""ACLs of objects in several backends as one: not kept, and so refused, never taken and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

import colonnade.testing
from colonnade.backends import load
from colonnade.multi import Member, Overlay, Role


@pytest.fixture
def client() -> Iterator[Any]:
    """A client of two backends in memory."""
    overlay = Overlay([Member("primary", load("memory", {}), Role.PRIMARY), Member("archive", load("memory", {}))])
    with colonnade.testing.server(overlay) as running:
        yield boto3.client("s3", **running.boto3)


@pytest.mark.parametrize(
    ("ownership", "acl", "code"),
    [
        ("ObjectWriter", "public-read", "NotImplemented"),
        ("ObjectWriter", "private", ""),
        ("BucketOwnerEnforced", "public-read", "AccessControlListNotSupported"),
        ("BucketOwnerEnforced", "bucket-owner-full-control", ""),
    ],
)
def test_writing_with_an_acl(client: Any, ownership: str, acl: str, code: str) -> None:
    """Only what asks for nothing is taken."""
    client.create_bucket(Bucket="bucket", ObjectOwnership=ownership)
    try:
        client.put_object(Bucket="bucket", Key="k", ACL=acl)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code  # noqa: PT017 (some rows are to succeed)
    else:
        assert code == ""


@pytest.mark.parametrize("call", ["get_object_acl", "put_object_acl"])
def test_there_are_none(client: Any, call: str) -> None:
    """NotImplemented."""
    client.create_bucket(Bucket="bucket", ObjectOwnership="ObjectWriter")
    client.put_object(Bucket="bucket", Key="k")
    with pytest.raises(ClientError, match="NotImplemented"):
        getattr(client, call)(Bucket="bucket", Key="k", **({"ACL": "public-read"} if call == "put_object_acl" else {}))
