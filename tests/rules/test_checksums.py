"""Checksums: what an upload may claim, and how those of parts become the whole's."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import S3Error
from colonnade.rules import checksums
from colonnade.rules.checksums import ALGORITHMS, Checksum, Ingest


def summed(name: str, *pieces: bytes) -> str:
    """The base64 checksum of some pieces."""
    ingest = Ingest({}, default=name)
    for piece in pieces:
        ingest.update(piece)
    return ingest.finish().value


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("CRC32", "cbf43926"),
        ("CRC32C", "e3069283"),
        ("CRC64NVME", "ae8b14860a799888"),
        ("SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ("MD5", "25f9e794323b453885f5181f1b624d0b"),
        ("XXHASH64", "8cb841db40e6ae83"),
    ],
)
def test_published_check_values(name: str, digest: str) -> None:
    """Each is what its definition says of 123456789, however it is cut."""
    assert base64.b64decode(summed(name, b"1234", b"56789")).hex() == digest


@pytest.mark.parametrize("name", ALGORITHMS)
def test_sizes(name: str) -> None:
    """A digest has as many bytes as the table says."""
    assert len(base64.b64decode(summed(name, b"x"))) == ALGORITHMS[name].size


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"ChecksumCRC32": "AAAAAA==", "ChecksumSHA1": "x"}, "InvalidRequest"),
        ({"ChecksumCRC32": "AAAA"}, "InvalidRequest"),
        ({"ChecksumCRC32": "not base64"}, "InvalidRequest"),
        ({"ChecksumAlgorithm": "CRC31"}, "InvalidRequest"),
        ({"ChecksumAlgorithm": "SHA1", "ChecksumCRC32": "AAAAAA=="}, "InvalidRequest"),
        ({"ContentMD5": "AAAA"}, "InvalidDigest"),
    ],
)
def test_what_can_not_be_is_refused_before_the_body(arguments: dict[str, Any], code: str) -> None:
    """Nonsense needs no bytes to be seen."""
    with pytest.raises(S3Error) as caught:
        Ingest(arguments)
    assert caught.value.code == code


@given(st.binary(), st.binary())
def test_a_trailer_is_compared(data: bytes, other: bytes) -> None:
    """A trailing checksum is right, or the upload is refused."""
    ingest = Ingest({"ChecksumAlgorithm": "CRC32"})
    ingest.update(data)
    trailers = {"ChecksumCRC32": summed("CRC32", other)}
    if zlib.crc32(data) == zlib.crc32(other):
        assert ingest.finish(trailers).answer() == {**trailers, "ChecksumType": "FULL_OBJECT"}
        return
    with pytest.raises(S3Error, match="The CRC32 you specified did not match the calculated checksum"):
        ingest.finish(trailers)


@pytest.mark.parametrize("name", [name for name, row in ALGORITHMS.items() if row.full_object])
@given(pieces=st.lists(st.binary(), min_size=1, max_size=5))
def test_parts_combine_to_the_whole(name: str, pieces: list[bytes]) -> None:
    """A full-object checksum needs no second reading."""
    parts = [(summed(name, piece), len(piece)) for piece in pieces]
    assert checksums.combine(name, parts) == summed(name, *pieces)


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("value", ["AAAA", "AAAA-3", ""])
def test_the_attribute_comes_back(name: str, value: str) -> None:
    """What is written to disk is what is read."""
    checksum = Checksum(name, "COMPOSITE", value)
    assert checksums.from_json(checksums.to_json(checksum)) == checksum


@pytest.mark.parametrize("raw", [b"", b"nonsense", b"[]", b"{}", b'{"Algorithm":"CRC31"}'])
def test_a_foreign_attribute_is_none(raw: bytes) -> None:
    """What can't be understood counts as absent."""
    assert checksums.from_json(raw) is None
