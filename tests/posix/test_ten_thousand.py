"""The largest upload that S3 allows: 10,000 parts, sent in no order, joined, read and listed over HTTP.

Parts of 5 MiB would be 50 GB, so the smallest part is one byte here; everything else is as it is served.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from colonnade.backends.posix import from_options
from colonnade.rules import multipart
from colonnade.testing import server

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PARTS = 10_000
WHERE: Any = {"Bucket": "bucket", "Key": "k"}


def piece(number: int) -> bytes:
    """A part's bytes: no two have the same, nor the same length as the next."""
    return b"%d;" % number * (1 + number % 7)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts may be as small as a byte."""
    monkeypatch.setattr(multipart, "SMALLEST_PART", 1)


@pytest.fixture
def client(root: Path, small_parts: None) -> Iterator[S3Client]:
    """Of a server over `root`, with a bucket."""
    with server(from_options({"path": str(root), "fsync": False})) as running:
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        made: S3Client = boto3.client("s3", **running.boto3, config=config)
        made.create_bucket(Bucket="bucket")
        yield made


async def send(root: Path, upload: Any) -> list[dict[str, Any]]:
    """All parts, shuffled, and every tenth of them twice; rows for CompleteMultipartUpload."""
    backend = from_options({"path": str(root), "fsync": False})
    numbers = list(range(1, PARTS + 1))
    random.Random(1).shuffle(numbers)
    for number in numbers[::10]:
        await backend.call("UploadPart", {**upload, "PartNumber": number, "Body": b"replaced", **SUMMED})
    rows = []
    for number in numbers:
        part = await backend.call("UploadPart", {**upload, "PartNumber": number, "Body": piece(number), **SUMMED})
        rows.append({"PartNumber": number, "ETag": part["ETag"], "ChecksumSHA256": part["ChecksumSHA256"]})
    await backend.close()
    return sorted(rows, key=lambda row: row["PartNumber"])


SUMMED: Any = {"ChecksumAlgorithm": "SHA256"}


@pytest.mark.slow
def test_ten_thousand_parts(client: S3Client, root: Path) -> None:
    """They are listed in ten pages, joined in their order, and found again one by one with their checksums."""
    upload: Any = {**WHERE, "UploadId": client.create_multipart_upload(**WHERE, **SUMMED)["UploadId"]}
    rows: Any = asyncio.run(send(root, upload))
    pages = [page["Parts"] for page in client.get_paginator("list_parts").paginate(**upload)]
    assert [len(page) for page in pages] == [1000] * 10
    assert [(p["PartNumber"], p["ETag"], p["ChecksumSHA256"]) for page in pages for p in page] == [
        (row["PartNumber"], row["ETag"], row["ChecksumSHA256"]) for row in rows
    ]
    done = client.complete_multipart_upload(**upload, MultipartUpload={"Parts": rows})
    whole = b"".join(piece(number) for number in range(1, PARTS + 1))
    sums = b"".join(hashlib.sha256(piece(number)).digest() for number in range(1, PARTS + 1))
    assert done["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(sums).digest()).decode() + f"-{PARTS}"
    assert done["ETag"].endswith(f'-{PARTS}"')
    got = client.get_object(**WHERE)
    assert (got["Body"].read(), got["ETag"]) == (whole, done["ETag"])
    for number in (1, 2, 5000, PARTS):
        part = client.get_object(**WHERE, PartNumber=number, ChecksumMode="ENABLED")
        assert (part["Body"].read(), part["PartsCount"]) == (piece(number), PARTS)
        assert part["ChecksumSHA256"] == rows[number - 1]["ChecksumSHA256"]
    told: list[Any] = []
    while len(told) < PARTS:
        marker: Any = {"PartNumberMarker": told[-1]["PartNumber"]} if told else {}
        page = client.get_object_attributes(**WHERE, ObjectAttributes=["ObjectParts"], **marker)["ObjectParts"]
        assert page["TotalPartsCount"] == PARTS
        told += page["Parts"]
    assert [(p["PartNumber"], p["ChecksumSHA256"]) for p in told] == [
        (row["PartNumber"], row["ChecksumSHA256"]) for row in rows
    ]
