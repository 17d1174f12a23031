"""A served directory that is moved away or mounted over while it is served."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends import load
from colonnade.errors import S3Error

CALLS: list[tuple[str, Mapping[str, Any]]] = [
    ("ListObjectsV2", {}),
    ("ListObjectVersions", {}),
    ("ListMultipartUploads", {}),
    ("GetObject", {"Key": "none"}),
    ("PutObject", {"Key": "k", "Body": b"x"}),
    ("DeleteObject", {"Key": "k"}),
    ("HeadBucket", {}),
    ("DeleteBucket", {}),
    ("CreateMultipartUpload", {"Key": "k"}),
]


@pytest.mark.parametrize(("operation", "arguments"), CALLS)
async def test_nothing_is_said_to_be_missing(tmp_path: Path, operation: str, arguments: Mapping[str, Any]) -> None:
    """What can't be looked at is 503, never an empty listing, a 404 or a success."""
    served = tmp_path / "served"
    served.mkdir()
    backend = load("posix", {"path": str(served), "fsync": False})
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"kept"})
    served.rename(tmp_path / "away")
    with pytest.raises(S3Error) as caught:
        await backend.call(operation, {"Bucket": "bucket", **arguments})
    assert caught.value.code == "ServiceUnavailable"
    assert (tmp_path / "away" / "bucket" / "k").read_bytes() == b"kept"
    await backend.close()


async def test_a_link_beside_the_buckets_is_no_bucket(tmp_path: Path) -> None:
    """A symbolic link in the served directory opens nothing outside of it."""
    (tmp_path / "served").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "served" / "linked").symlink_to(tmp_path / "outside")
    backend = load("posix", {"path": str(tmp_path / "served"), "fsync": False})
    with pytest.raises(S3Error, match="NoSuchBucket"):
        await backend.call("ListObjectsV2", {"Bucket": "linked"})
    await backend.close()
