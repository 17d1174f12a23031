"""Bodies as they stream in: lengths, hashes, framing, and a client that goes away."""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade import sigv4
from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account
from colonnade.wire import payload
from colonnade.wire.request import Request
from colonnade.wire.signature import Signed

SCOPE = "20130524/us-east-1/s3/aws4_request"
CHUNKED = {"x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-crc32"}
FRAMED = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"


class Client:
    """What an ASGI server hands over of a body, piece by piece; it may break off."""

    def __init__(self, *pieces: bytes, whole: bool = True) -> None:
        self.pieces = list(pieces)
        self.whole = whole
        self.asked = 0

    async def __call__(self) -> MutableMapping[str, Any]:
        """The next message."""
        self.asked += 1
        if not self.pieces and not self.whole:
            return {"type": "http.disconnect"}
        piece = self.pieces.pop(0) if self.pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or not self.whole}


def signed(kind: str) -> Signed:
    """A verified signature over a payload of some kind."""
    key = sigv4.signing_key("secret", "20130524", "us-east-1")
    return Signed(Account("a", "secret"), "header", kind, "20130524T000000Z", SCOPE, key, "0" * 64)


def opened(client: Client, headers: dict[str, str], kind: str = sigv4.UNSIGNED) -> Body:
    """The body of a PUT."""
    return payload.open_body(Request("PUT", b"/b/k", b"", headers), signed(kind), client)


def sha256(data: bytes) -> str:
    """What a client says of its body."""
    return hashlib.sha256(data).hexdigest()


@given(st.lists(st.binary(max_size=50), max_size=6))
async def test_a_body_is_what_came(pieces: list[bytes]) -> None:
    """However it was cut, also into nothing."""
    data = b"".join(pieces)
    body = opened(Client(*pieces), {"content-length": str(len(data))}, sha256(data))
    assert (body.length, await body.read()) == (len(data), data)


async def test_nothing_is_asked_for_before_it_is_read() -> None:
    """Receiving is what makes the server say 100 Continue."""
    client = Client(b"hello")
    body = opened(client, {"content-length": "5", "expect": "100-continue"})
    await payload.discard(body)
    assert client.asked == 0
    assert await body.read() == b"hello"


@pytest.mark.parametrize("length", ["4", "6"])
async def test_the_declared_length_counts(length: str) -> None:
    """More or less than Content-Length is no body."""
    with pytest.raises(S3Error, match="IncompleteBody"):
        await opened(Client(b"hello"), {"content-length": length}).read()


async def test_a_client_that_goes_away_is_no_error_of_s3s() -> None:
    """There is nobody to answer."""
    with pytest.raises(payload.ClientDisconnectedError):
        await opened(Client(b"hel", whole=False), {"content-length": "5"}).read()


@pytest.mark.parametrize("size", [5, payload.GATHER + 5])
async def test_another_hash_is_refused_after_the_last_byte(size: int) -> None:
    """Both hashes are said, whether it was hashed inline or in a thread."""
    body = opened(Client(bytes(size)), {"content-length": str(size)}, sha256(b"other"))
    with pytest.raises(S3Error, match="XAmzContentSHA256Mismatch") as caught:
        await body.read()
    assert caught.value.fields == {
        "ClientComputedContentSHA256": sha256(b"other"),
        "S3ComputedContentSHA256": sha256(bytes(size)),
    }


def test_a_hash_of_something_with_no_body_is_refused() -> None:
    """Nobody reads a body that isn't there, so it is judged at once."""
    with pytest.raises(S3Error, match="XAmzContentSHA256Mismatch"):
        opened(Client(), {}, sha256(b"other"))


async def test_plain_chunks_have_no_length() -> None:
    """Transfer-Encoding: chunked is a length of its own."""
    body = opened(Client(b"hel", b"lo"), {"transfer-encoding": "chunked"})
    payload.require_length(body)
    assert (body.length, await body.read()) == (None, b"hello")


def test_no_length_at_all_is_411() -> None:
    """Neither Content-Length nor chunks."""
    with pytest.raises(S3Error, match="MissingContentLength") as caught:
        payload.require_length(opened(Client(), {}))
    assert caught.value.status == 411


async def test_plain_chunks_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that declares no length can't grow beyond what one request may upload."""
    monkeypatch.setattr(payload.RequestBody, "limit", 4)
    with pytest.raises(S3Error, match="EntityTooLarge"):
        await opened(Client(b"hello"), {"transfer-encoding": "chunked"}).read()


@pytest.mark.parametrize("kind", [sigv4.UNSIGNED, sigv4.STREAMING_UNSIGNED_TRAILER])
def test_more_than_five_gibibytes_are_refused_unread(kind: str) -> None:
    """The length of the object counts, not that of its framing."""
    length = str(payload.MAX_BODY + 1)
    with pytest.raises(S3Error, match="EntityTooLarge"):
        opened(Client(), {"content-length": length, "x-amz-decoded-content-length": length}, kind)
    opened(
        Client(),
        {"content-length": length, "x-amz-decoded-content-length": str(payload.MAX_BODY)},
        sigv4.STREAMING_UNSIGNED_TRAILER,
    )


@pytest.mark.parametrize("length", [{"content-length": str(len(FRAMED))}, {"transfer-encoding": "chunked"}])
async def test_aws_chunks_are_decoded(length: dict[str, str]) -> None:
    """The length is the decoded one, the trailer is there at the end."""
    body = opened(Client(FRAMED[:9], FRAMED[9:]), CHUNKED | length, sigv4.STREAMING_UNSIGNED_TRAILER)
    assert (body.length, await body.read()) == (5, b"hello")
    assert body.trailers == {"ChecksumCRC32": "NhCmhg=="}


@pytest.mark.parametrize("size", [1000, 2 * payload.GATHER])
async def test_signed_chunks_are_verified(size: int) -> None:
    """Also those that are hashed in a thread, and each of them."""
    body, data, previous = b"", bytes(size), "0" * 64
    for piece in (data, b""):
        text = sigv4.chunk_string_to_sign("20130524T000000Z", SCOPE, previous, sha256(piece))
        previous = sigv4.signature(signed("").key, text)
        body += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(piece), previous.encode(), piece)
    headers = {"content-length": str(len(body)), "x-amz-decoded-content-length": str(size)}
    assert await opened(Client(body), headers, sigv4.STREAMING_SIGNED).read() == data
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        await opened(Client(body.replace(b"\0", b"\1", 1)), headers, sigv4.STREAMING_SIGNED).read()


REFUSED = [
    ({}, sigv4.STREAMING_UNSIGNED_TRAILER, "MissingContentLength"),
    ({"x-amz-decoded-content-length": "x"}, sigv4.STREAMING_UNSIGNED_TRAILER, "InvalidArgument"),
    (CHUNKED | {"x-amz-trailer": "x-amz-meta-a"}, sigv4.STREAMING_UNSIGNED_TRAILER, "InvalidRequest"),
    (CHUNKED | {"x-amz-trailer": "x-amz-checksum-crc31"}, sigv4.STREAMING_UNSIGNED_TRAILER, "InvalidRequest"),
    (CHUNKED, sigv4.STREAMING_ECDSA, "NotImplemented"),
    (CHUNKED, sigv4.UNSIGNED, "InvalidRequest"),
    ({"content-length": "-1"}, sigv4.UNSIGNED, "InvalidArgument"),
]


@pytest.mark.parametrize(("headers", "kind", "code"), REFUSED)
def test_declarations_that_cannot_be_right_are_refused_unread(headers: dict[str, str], kind: str, code: str) -> None:
    """Before a byte is received."""
    with pytest.raises(S3Error) as caught:
        opened(Client(), headers, kind)
    assert caught.value.code == code


async def test_nobody_can_sign_chunks_anonymously() -> None:
    """Without a signature there is nothing for chunks to follow; unsigned ones are decoded."""
    head = CHUNKED | {"content-length": str(len(FRAMED)), "x-amz-content-sha256": sigv4.STREAMING_UNSIGNED_TRAILER}
    assert await payload.open_body(Request("PUT", b"/b/k", b"", head), None, Client(FRAMED)).read() == b"hello"
    head["x-amz-content-sha256"] = sigv4.STREAMING_SIGNED
    with pytest.raises(S3Error, match="AccessDenied"):
        payload.open_body(Request("PUT", b"/b/k", b"", head), None, Client(FRAMED))


async def test_a_refused_upload_is_thrown_away_within_bounds() -> None:
    """Enough that a client sees the answer, not all that it cares to send."""
    client = Client(*[bytes(payload.GATHER)] * 100)
    await payload.discard(opened(client, {"content-length": str(100 * payload.GATHER)}))
    assert client.asked == payload.DISCARD_BYTES // payload.GATHER
