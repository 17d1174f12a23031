"""What is said of bodies on their way to a service over plain HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from colonnade.backends.s3 import S3Backend
from colonnade.backends.s3.settings import Settings
from colonnade.body import StreamBody
from tests.s3.test_faults import LARGE, OBJECT, pieces
from tests.s3.upstream import Upstream, answer

SUMMED = {"ChecksumAlgorithm": "CRC32"}


async def sent(options: dict[str, Any], size: int, arguments: dict[str, Any]) -> dict[str, str]:
    """The headers of a PutObject of a body in a stream."""

    async def few() -> AsyncIterator[bytes]:
        yield b"x" * size

    async with Upstream([answer("200 OK", 'ETag: "e"')]) as upstream:
        s3 = S3Backend(Settings(endpoint=upstream.url, access="access", secret="secret", **options))
        await s3.start()
        body = StreamBody(pieces(size) if size == LARGE else few(), size)
        await s3.call("PutObject", {**OBJECT, "Body": body, **arguments})
        await s3.close()
    return dict(re.findall(r"(?m)^(x-amz-[^:]+): (.*?)\r$", upstream.heads[0].lower()))


@pytest.mark.parametrize(
    ("options", "size", "arguments", "payload", "checksum"),
    [
        ({}, LARGE, {}, "unsigned-payload", None),
        ({}, LARGE, SUMMED, "streaming-unsigned-payload-trailer", "x-amz-trailer"),
        ({}, 5, SUMMED, r"[0-9a-f]{64}", "x-amz-checksum-crc32"),
        ({"disable_checksum": True}, 5, {}, "unsigned-payload", None),
        ({"disable_checksum": True}, LARGE, SUMMED, "streaming-unsigned-payload-trailer", "x-amz-trailer"),
        ({"disable_data_integrity_check": True}, LARGE, SUMMED, "unsigned-payload", None),
        ({"disable_data_integrity_check": True}, 5, {"ChecksumCRC32": "AAAAAA=="}, ".{64}", "x-amz-checksum-crc32"),
    ],
)
async def test_payload_and_checksum(
    options: dict[str, Any], size: int, arguments: dict[str, Any], payload: str, checksum: str | None
) -> None:
    """A small body is signed, a stream never; a checksum that was asked for goes along, before or behind it."""
    headers = await sent(options, size, arguments)
    assert re.fullmatch(payload, headers["x-amz-content-sha256"])
    found = {name for name in headers if name == "x-amz-trailer" or re.fullmatch("x-amz-checksum-[a-z0-9]+", name)}
    assert found == ({checksum} if checksum else set())
