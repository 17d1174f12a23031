"""Large bodies through the s3 backend to a real server, and what they hold on to."""

from __future__ import annotations

import asyncio
import zlib
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator

import pytest

from colonnade import testing
from colonnade.backends.s3 import S3Backend
from colonnade.backends.s3.settings import Settings
from colonnade.body import Body, StreamBody
from colonnade.errors import S3Error

DATA = bytes(range(256)) * 4096 * 3 + b"odd"
CRC = b64encode(zlib.crc32(DATA).to_bytes(4, "big")).decode()
OBJECT = {"Bucket": "bucket", "Key": "a b/../ü+%2F.txt"}


@pytest.fixture
def upstream() -> Iterator[testing.RunningServer]:
    """Another gateway."""
    with testing.server() as running:
        yield running


@pytest.fixture
async def s3(upstream: testing.RunningServer) -> AsyncIterator[S3Backend]:
    """The backend in front of it, with a bucket."""
    made = S3Backend(Settings(endpoint=upstream.url, access=upstream.access, secret=upstream.secret))
    await made.start()
    await made.call("CreateBucket", {"Bucket": "bucket"})
    yield made
    await made.close()


def body(trailers: dict[str, str] | None = None) -> Body:
    """DATA in uneven pieces, and what comes behind it."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(DATA), 70_001):
            yield DATA[start : start + 70_001]

    made = StreamBody(pieces(), len(DATA))
    made.trailers = trailers or {}
    return made


async def test_up_and_down(s3: S3Backend) -> None:
    """What went up comes down, under a key that needs every kind of encoding."""
    await s3.call("PutObject", {**OBJECT, "Body": body()})
    found = await s3.call("GetObject", OBJECT)
    assert await found["Body"].read() == DATA
    listed = await s3.call("ListObjectsV2", {"Bucket": "bucket"})
    assert [item["Key"] for item in listed["Contents"]] == [OBJECT["Key"]]


@pytest.mark.parametrize("trailers", [{}, {"ChecksumCRC32": CRC}])
async def test_the_checksum_goes_along(s3: S3Backend, trailers: dict[str, str]) -> None:
    """A checksum behind a body of several chunks is the client's, or ours if it sent none."""
    answer = await s3.call("PutObject", {**OBJECT, "Body": body(trailers), "ChecksumAlgorithm": "CRC32"})
    assert answer["ChecksumCRC32"] == CRC


async def test_a_wrong_checksum_stores_nothing(s3: S3Backend) -> None:
    """The client's own checksum is what the upstream verifies."""
    with pytest.raises(S3Error, match="BadDigest"):
        await s3.call(
            "PutObject", {**OBJECT, "Body": body({"ChecksumCRC32": "AAAAAA=="}), "ChecksumAlgorithm": "CRC32"}
        )
    with pytest.raises(S3Error, match="NoSuchKey"):
        await s3.call("HeadObject", OBJECT)


async def test_connections_are_kept_and_given_back(s3: S3Backend) -> None:
    """One connection serves one request after the other; an abandoned download's is closed."""
    await s3.call("PutObject", {**OBJECT, "Body": body()})
    for _ in range(5):
        await (await s3.call("GetObject", OBJECT))["Body"].read()
    connector = s3._transport._session.connector  # type: ignore[union-attr]
    assert connector is not None
    assert sum(map(len, connector._conns.values())) == 1
    abandoned = await s3.call("GetObject", OBJECT)
    await anext(aiter(abandoned["Body"]))
    await abandoned["Body"].aclose()
    assert (len(connector._acquired), sum(map(len, connector._conns.values()))) == (0, 0)


async def test_many_at_once(s3: S3Backend) -> None:
    """Uploads and downloads don't wait for each other."""
    keys = [f"k{number}" for number in range(20)]
    await asyncio.gather(*(s3.call("PutObject", {"Bucket": "bucket", "Key": key, "Body": body()}) for key in keys))
    found = await asyncio.gather(*(s3.call("GetObject", {"Bucket": "bucket", "Key": key}) for key in keys))
    assert await asyncio.gather(*(item["Body"].read() for item in found)) == [DATA] * 20


async def test_wrong_keys_of_ours(upstream: testing.RunningServer) -> None:
    """What the upstream says of our credentials is passed on."""
    made = S3Backend(Settings(endpoint=upstream.url, access=upstream.access, secret="other"))
    await made.start()
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        await made.call("ListBuckets", {})
    await made.close()


async def test_nobody_in_particular(upstream: testing.RunningServer) -> None:
    """Anonymous requests are unsigned."""
    made = S3Backend(Settings(endpoint=upstream.url, anonymous_credentials=True))
    await made.start()
    with pytest.raises(S3Error, match="AccessDenied"):
        await made.call("ListBuckets", {})
    await made.close()


async def test_the_usual_places(upstream: testing.RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys they are where AWS' tools look for them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", upstream.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", upstream.secret)
    made = S3Backend(Settings(endpoint=upstream.url))
    await made.start()
    assert "Buckets" in await made.call("ListBuckets", {})
    await made.close()
