"""aws-chunked bodies: Amazon's published examples, every split, and every kind of damage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade import sigv4
from colonnade.errors import S3Error
from colonnade.wire.chunked import Chain, Decoder

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SCOPE = "20130524/us-east-1/s3/aws4_request"

#: The published example: 66,560 bytes of "a" in chunks of 64 KiB.
BODY = b"a" * 66560
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
SIGNED = (
    b"10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n"
    + BODY[:65536]
    + b"\r\n"
    b"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + b"a" * 1024 + b"\r\n"
    b"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
)  # fmt: skip

TRAILER_SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
TRAILED = (
    b"10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n"
    + BODY[:65536]
    + b"\r\n"
    b"400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" + b"a" * 1024 + b"\r\n"
    b"0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
    b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
    b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
)  # fmt: skip

UNSIGNED = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"


def chain(seed: str) -> Chain:
    """The chain of signatures that starts with a request's own."""
    return Chain(sigv4.signing_key(SECRET, "20130524", "us-east-1"), "20130524T000000Z", SCOPE, seed)


def decode(data: bytes, decoder: Decoder, step: int | None = None) -> bytes:
    """All of a body, fed in pieces of `step` bytes."""
    step = step or len(data) or 1
    pieces = [piece for at in range(0, len(data), step) for piece in decoder.feed(data[at : at + step])]
    decoder.end()
    return b"".join(pieces)


def unsigned() -> Decoder:
    """A decoder of the unsigned example."""
    return Decoder(11, None, "x-amz-checksum-crc32")


def test_published_example_decodes() -> None:
    """Amazon's example of a signed body verifies chunk by chunk."""
    assert decode(SIGNED, Decoder(66560, chain(SEED))) == BODY


def test_published_trailer_example_decodes() -> None:
    """Amazon's example of a signed body with a signed trailer gives the checksum too."""
    decoder = Decoder(66560, chain(TRAILER_SEED), "x-amz-checksum-crc32c")
    assert decode(TRAILED, decoder) == BODY
    assert decoder.trailers == {"ChecksumCRC32C": "sOO8/Q=="}


@given(st.integers(1, 80))
def test_any_split_decodes_the_same(step: int) -> None:
    """Where the network cuts the stream makes no difference."""
    decoder = unsigned()
    assert decode(UNSIGNED, decoder, step) == b"hello world"
    assert decoder.trailers == {"ChecksumCRC32": "DUoRhQ=="}


DAMAGED = [
    (SIGNED.replace(b"aaa\r\n400", b"aab\r\n400"), 66560, "SignatureDoesNotMatch"),
    (SIGNED[:-2], 66560, "IncompleteBody"),
    (SIGNED[:40000], 66560, "IncompleteBody"),
    (SIGNED, 66561, "IncompleteBody"),
    (SIGNED, 66559, "IncompleteBody"),
    (SIGNED.replace(b";chunk-signature=", b";chunk-sig="), 66560, "IncompleteBody"),
    (SIGNED + b"x", 66560, "IncompleteBody"),
    (b"z" * 2000, 66560, "IncompleteBody"),
]


@pytest.mark.parametrize(("data", "length", "code"), DAMAGED)
def test_damaged_signed_bodies_are_refused(data: bytes, length: int, code: str) -> None:
    """A changed, cut, too long or misframed body has the code S3 gives it."""
    with pytest.raises(S3Error) as caught:
        decode(data, Decoder(length, chain(SEED)))
    assert caught.value.code == code


def test_small_chunks_are_refused_when_signed() -> None:
    """Only the last signed chunk may be smaller than 8 KiB."""
    link, body = chain(SEED), b""
    for data in (b"a", b"b"):
        text = sigv4.chunk_string_to_sign(
            link.timestamp, SCOPE, link.previous, __import__("hashlib").sha256(data).hexdigest()
        )
        link.previous = sigv4.signature(link.key, text)
        body += b"1;chunk-signature=%s\r\n%s\r\n" % (link.previous.encode(), data)
    with pytest.raises(S3Error, match="InvalidChunkSizeError"):
        decode(body, Decoder(2, chain(SEED)))


def test_a_changed_trailer_is_refused() -> None:
    """The trailer's own signature guards the checksum."""
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        decode(TRAILED.replace(b"sOO8", b"sOO9"), Decoder(66560, chain(TRAILER_SEED), "x-amz-checksum-crc32c"))


@pytest.mark.parametrize(
    ("trailer", "code"),
    [
        (b"x-amz-checksum-sha1:DUoRhQ==\r\n\r\n", "MalformedTrailerError"),
        (b"\r\n", "MalformedTrailerError"),
        (b"x-amz-checksum-crc32:@@\r\n\r\n", "InvalidRequest"),
        (b"x-amz-checksum-crc32:DUoRhQ==\r\nx-other:1\r\n\r\n", "MalformedTrailerError"),
        (b"x" * 2000, "IncompleteBody"),
    ],
)
def test_trailers_must_be_what_was_announced(trailer: bytes, code: str) -> None:
    """A missing, other, further, endless or undecodable trailer is refused."""
    with pytest.raises(S3Error) as caught:
        decode(b"5\r\nhello\r\n6\r\n world\r\n0\r\n" + trailer, unsigned())
    assert caught.value.code == code


@given(st.binary(max_size=300), st.integers(0, 30), st.booleans())
def test_random_bytes_are_refused_or_decoded(data: bytes, at: int, signed: bool) -> None:
    """Whatever comes, the decoder ends, with S3's error or a body of the promised length."""
    decoder = Decoder(11, chain(SEED) if signed else None, None if signed else "x-amz-checksum-crc32")
    try:
        decoded = decode(UNSIGNED[:at] + data, decoder)
    except S3Error as refused:
        decoded = b" " * 11 if refused.status in (400, 403) else b""
    assert len(decoded) == 11
