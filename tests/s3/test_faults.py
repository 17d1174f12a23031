"""What goes wrong between us and an upstream becomes S3's errors, in bounded time."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from colonnade.backends.s3 import S3Backend, backend
from colonnade.backends.s3.settings import Settings
from colonnade.body import StreamBody
from colonnade.errors import S3Error
from tests.s3.upstream import Upstream, answer, reset, swallow

LARGE = 300_000
OBJECT = {"Bucket": "bucket", "Key": "key"}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backend, "BACKOFF", 0.001)


@contextlib.asynccontextmanager
async def over(url: str, answer_timeout: float = 30) -> AsyncIterator[S3Backend]:
    """A started backend over an address."""
    made = S3Backend(
        Settings(endpoint=url, access="access", secret="secret", connect_timeout=30, answer_timeout=answer_timeout)
    )
    await made.start()
    try:
        yield made
    finally:
        await made.close()


async def pieces(size: int, failure: Exception | None = None) -> AsyncIterator[bytes]:
    """`size` bytes in pieces, then a failure if there is one."""
    for _ in range(size // 50_000):
        yield b"x" * 50_000
    if failure is not None:
        raise failure


async def test_nobody_listens() -> None:
    """A refused connection is 503."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with over(f"http://127.0.0.1:{taken.getsockname()[1]}") as s3:
            with pytest.raises(S3Error) as caught:
                await s3.call("GetObject", OBJECT)
    assert (caught.value.code, caught.value.status) == ("ServiceUnavailable", 503)


@pytest.mark.parametrize(
    ("operation", "more", "tries"),
    [
        ("HeadObject", {}, 3),
        ("PutObject", {"Body": b"small"}, 3),
        ("PutObject", {"Body": b"small", "IfNoneMatch": "*"}, 1),
        ("PutObject", {"Body": b"small", "WriteOffsetBytes": 5}, 1),
        ("CreateMultipartUpload", {}, 1),
        ("AbortMultipartUpload", {"UploadId": "id"}, 1),
    ],
)
async def test_a_reset_is_tried_again_where_it_is_safe(operation: str, more: dict[str, Any], tries: int) -> None:
    """A cut connection is 503 in the end; only what may be carried out twice is sent again."""
    async with Upstream([reset]) as upstream, over(upstream.url) as s3:
        with pytest.raises(S3Error, match="ServiceUnavailable"):
            await s3.call(operation, {**OBJECT, **more})
    assert len(upstream.heads) == tries


async def test_unavailable_then_well() -> None:
    """A passing 503 is never seen."""
    scripts = [answer("503 Slow Down"), answer("200 OK", 'ETag: "e"', body=b"data")]
    async with Upstream(scripts) as upstream, over(upstream.url) as s3:
        found = await s3.call("GetObject", OBJECT)
        assert (await found["Body"].read(), found["ETag"], len(upstream.heads)) == (b"data", '"e"', 2)


async def test_a_short_object_is_an_error() -> None:
    """A body that ends before its length is not a whole one."""
    async with Upstream([answer("200 OK", 'ETag: "e"', body=b"half", length=8)]) as upstream, over(upstream.url) as s3:
        found = await s3.call("GetObject", OBJECT)
        with pytest.raises(S3Error, match="ServiceUnavailable"):
            await found["Body"].read()


@pytest.mark.timed
@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
async def test_an_answer_that_has_no_body_is_whole(status: str) -> None:
    """Whatever its length says, which is another answer's."""
    async with Upstream([answer(status, length=5)]) as upstream, over(upstream.url) as s3:
        response = await s3._transport.send("GetObject", "GET", upstream.url, {}, b"")
        assert await s3._transport.body(response).read() == b""


async def test_silence_is_bounded() -> None:
    """An upstream that never answers is given up, and not asked again."""
    async with Upstream([swallow]) as upstream, over(upstream.url, answer_timeout=1) as s3:
        with pytest.raises(S3Error, match="took too long"):
            await s3.call("GetObject", OBJECT)
        assert len(upstream.heads) == 1


async def test_a_broken_upload_is_never_whole() -> None:
    """What the client's body raises is what the caller gets, and the upstream gets less than was promised."""
    async with Upstream([answer("200 OK")]) as upstream, over(upstream.url) as s3:
        body = StreamBody(pieces(LARGE, S3Error("BadDigest")), LARGE)
        with pytest.raises(S3Error, match="BadDigest"):
            await s3.call("PutObject", {**OBJECT, "Body": body})
    assert len(upstream.bodies[0]) < LARGE


async def test_a_stream_is_sent_once() -> None:
    """An upload that was begun isn't begun again."""
    async with Upstream([answer("503 Slow Down")]) as upstream, over(upstream.url) as s3:
        with pytest.raises(S3Error, match="ServiceUnavailable"):
            await s3.call("PutObject", {**OBJECT, "Body": StreamBody(pieces(LARGE), LARGE)})
        assert len(upstream.heads) == 1


async def test_no_length_is_spooled() -> None:
    """An upload of unknown length is sent with one."""
    async with Upstream([answer("200 OK", 'ETag: "e"')]) as upstream, over(upstream.url) as s3:
        await s3.call("PutObject", {**OBJECT, "Body": StreamBody(pieces(LARGE))})
        assert upstream.bodies == [b"x" * LARGE]


async def test_a_checksum_comes_behind() -> None:
    """A stream whose checksum isn't known yet has it in the trailer."""
    async with Upstream([answer("200 OK", 'ETag: "e"')]) as upstream, over(upstream.url) as s3:
        body = StreamBody(pieces(LARGE), LARGE)
        await s3.call("PutObject", {**OBJECT, "Body": body, "ChecksumAlgorithm": "CRC32"})
        assert "STREAMING-UNSIGNED-PAYLOAD-TRAILER" in upstream.heads[0]
        assert upstream.bodies[0].startswith(b"493e0\r\nxxx")
        assert b"\r\n0\r\nx-amz-checksum-crc32:" in upstream.bodies[0][-50:]
