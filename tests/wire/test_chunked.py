"""aws-chunked bodies: Amazon's published examples, every split, and every kind of damage."""

from __future__ import annotations

import hashlib

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

DATA = b"2000\r\n" + b"a" * 8192 + b"\r\nb\r\nhello world\r\n0\r\n"
CHECKSUM = b"x-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
DECODED = b"a" * 8192 + b"hello world"


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
    return Decoder(len(DECODED), None, "x-amz-checksum-crc32")


def chunk(link: Chain, data: bytes) -> bytes:
    """A signed chunk, the next of a chain."""
    digest = hashlib.sha256(data).hexdigest()
    text = sigv4.chunk_string_to_sign(link.timestamp, link.scope, link.previous, digest)
    link.previous = sigv4.signature(link.key, text)
    return b"%x;chunk-signature=%s\r\n%s\r\n" % (len(data), link.previous.encode(), data)


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
    """Where the network cuts an unsigned stream makes no difference."""
    decoder = unsigned()
    assert decode(DATA + CHECKSUM, decoder, step) == DECODED
    assert decoder.trailers == {"ChecksumCRC32": "DUoRhQ=="}


@given(st.integers(-300, 0))
def test_any_split_of_a_signed_trailer_decodes_the_same(at: int) -> None:
    """Where the network cuts a signed trailer makes no difference, nor does the empty line minio-go puts in it."""
    data = TRAILED.replace(b"sOO8/Q==\r\n", b"sOO8/Q==\n\r\n")
    decoder = Decoder(66560, chain(TRAILER_SEED), "x-amz-checksum-crc32c")
    for part in (data[:at], data[at:]) if at else (data,):
        list(decoder.feed(part))
    decoder.end()
    assert decoder.trailers == {"ChecksumCRC32C": "sOO8/Q=="}


@pytest.mark.parametrize("step", [None, 1])
def test_minio_go_ends_an_unsigned_trailer_with_an_empty_line_more(step: int | None) -> None:
    """That one further line end is counted in its Content-Length, and means nothing."""
    assert decode(DATA + b"x-amz-checksum-crc32:DUoRhQ==\n\r\n\r\n", unsigned(), step) == DECODED


def test_space_around_a_trailer_is_trimmed() -> None:
    """The name may have capitals, the value may be padded."""
    decoder = unsigned()
    decode(DATA + b"X-Amz-Checksum-CRC32 : DUoRhQ== \r\n\r\n", decoder)
    assert decoder.trailers == {"ChecksumCRC32": "DUoRhQ=="}


def test_an_empty_body_decodes() -> None:
    """Nothing but the last chunk is an empty object."""
    link = chain(SEED)
    assert decode(chunk(link, b""), Decoder(0, chain(SEED))) == b""


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


@pytest.mark.parametrize("signed", [True, False])
def test_only_the_last_chunk_may_be_small(signed: bool) -> None:
    """A chunk after one of less than 8 KiB is refused; S3 says its number, and the size of the one before."""
    link = chain(SEED)
    data = chunk(link, b"hel") + chunk(link, b"lo") if signed else b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
    with pytest.raises(S3Error, match="InvalidChunkSizeError") as caught:
        decode(data, Decoder(5, chain(SEED) if signed else None))
    assert caught.value.fields == {"Chunk": 2, "BadChunkSize": 3}


def test_a_changed_trailer_is_refused() -> None:
    """The trailer's own signature guards the checksum."""
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        decode(TRAILED.replace(b"sOO8", b"sOO9"), Decoder(66560, chain(TRAILER_SEED), "x-amz-checksum-crc32c"))


def test_a_trailer_without_its_signature_is_refused() -> None:
    """A signed body's checksum must be signed too."""
    cut = TRAILED[: TRAILED.index(b"x-amz-trailer-signature")] + b"\r\n\r\n"
    with pytest.raises(S3Error, match="MalformedTrailerError"):
        decode(cut, Decoder(66560, chain(TRAILER_SEED), "x-amz-checksum-crc32c"))


@pytest.mark.parametrize(
    ("trailer", "code"),
    [
        (b"x-amz-checksum-sha1:DUoRhQ==\r\n\r\n", "MalformedTrailerError"),
        (b"x-amz-checksum-crc32\r\n\r\n", "MalformedTrailerError"),
        (b"\r\n", "MalformedTrailerError"),
        (b"x-amz-checksum-crc32:@@\r\n\r\n", "InvalidRequest"),
        (b"x-amz-checksum-crc32:\xe9\xe9\r\n\r\n", "InvalidRequest"),
        (b"x-amz-checksum-crc32:DUoRhQ==\r\nx-other:1\r\n\r\n", "MalformedTrailerError"),
        (b"x-amz-checksum-crc32:DUoRhQ==\r\n" * 2 + b"\r\n", "MalformedTrailerError"),
        (b"x-amz-checksum-crc32:" + b"x" * 2000, "MalformedTrailerError"),
        (b"x-amz-checksum-crc32:DUoRhQ==\r\n", "IncompleteBody"),
        (CHECKSUM + b"x", "IncompleteBody"),
    ],
)
def test_trailers_must_be_what_was_announced(trailer: bytes, code: str) -> None:
    """A missing, other, further, endless, cut or undecodable trailer is refused."""
    with pytest.raises(S3Error) as caught:
        decode(DATA + trailer, unsigned())
    assert caught.value.code == code


def test_a_trailer_nobody_announced_is_refused() -> None:
    """What x-amz-trailer does not name can't come."""
    with pytest.raises(S3Error, match="MalformedTrailerError"):
        decode(DATA + CHECKSUM, Decoder(len(DECODED)))


@pytest.mark.parametrize("kind", ["unsigned", "signed", "signed trailer"])
@given(data=st.binary(max_size=300), at=st.integers(-230, -1) | st.just(-100_000))
def test_random_bytes_are_refused_or_decoded(kind: str, data: bytes, at: int) -> None:
    """Whatever comes after a good beginning, the decoder ends, with S3's error or a body of the promised length."""
    start, decoder = {
        "unsigned": (DATA + CHECKSUM, unsigned()),
        "signed": (SIGNED, Decoder(66560, chain(SEED))),
        "signed trailer": (TRAILED, Decoder(66560, chain(TRAILER_SEED), "x-amz-checksum-crc32c")),
    }[kind]
    try:
        decoded = decode(start[:at] + data, decoder)
    except S3Error:
        return
    assert len(decoded) == decoder.length
