"""What we sign ourselves: the same as botocore signs, header and presigned."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch
from urllib.parse import quote, urlsplit

import pytest
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from colonnade import sigv4

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
STAMP = "20130524T000000Z"
WHEN = datetime(2013, 5, 24, tzinfo=UTC)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
QUERY = st.dictionaries(TEXT.filter(lambda name: not name.lower().startswith("x-amz-")), TEXT, max_size=4)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30)


def url(key: str, query: dict[str, str]) -> str:
    """Where a key lies, encoded as S3 wants it."""
    pairs = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query.items())
    return f"http://127.0.0.1:7070/bucket/{quote(key, safe='/~')}" + (f"?{pairs}" if pairs else "")


def botocore_signs(request: AWSRequest, signer: Callable[..., Any]) -> AWSRequest:
    """The request as botocore would have signed it on the day of Amazon's examples."""
    with patch.object(auth, "get_current_datetime", lambda: WHEN.replace(tzinfo=None)):
        signer(Credentials(ACCESS, SECRET), "s3", "us-east-1").add_auth(request)
    return request


@given(key=TEXT, query=QUERY, value=VALUES, method=st.sampled_from(["GET", "PUT", "HEAD", "DELETE"]))
def test_headers_are_signed_as_botocore_does(key: str, query: dict[str, str], value: str, method: str) -> None:
    """The Authorization header is the same to the letter."""
    theirs = botocore_signs(AWSRequest(method, url(key, query), {"x-amz-meta-a": value}), auth.S3SigV4Auth)
    payload = theirs.headers["X-Amz-Content-SHA256"]
    headers = {
        "host": "127.0.0.1:7070",
        "x-amz-content-sha256": payload,
        "x-amz-date": STAMP,
        "x-amz-meta-a": value,
    }
    ours = sigv4.sign_headers(
        method,
        urlsplit(theirs.url).path.encode(),
        query.items(),
        headers,
        access=ACCESS,
        secret=SECRET,
        region="us-east-1",
        timestamp=STAMP,
        payload=payload,
    )
    assert ours == theirs.headers["Authorization"]


@given(key=TEXT, query=QUERY, expires=st.integers(1, 604800))
def test_presigned_as_botocore_does(key: str, query: dict[str, str], expires: int) -> None:
    """The signature at the end of a presigned URL is the same."""
    signer = functools.partial(auth.S3SigV4QueryAuth, expires=expires)
    theirs = urlsplit(botocore_signs(AWSRequest("GET", url(key, query)), signer).url)
    ours = sigv4.presign(
        "GET",
        theirs.path.encode(),
        query.items(),
        {"host": "127.0.0.1:7070"},
        access=ACCESS,
        secret=SECRET,
        region="us-east-1",
        timestamp=STAMP,
        expires=expires,
    )
    assert ours.rpartition("=")[2] == theirs.query.rpartition("=")[2]


def test_the_published_presigned_example() -> None:
    """Amazon's example of a presigned URL comes out of our own hand."""
    query = sigv4.presign(
        "GET",
        b"/test.txt",
        [],
        {"host": "examplebucket.s3.amazonaws.com"},
        access=ACCESS,
        secret=SECRET,
        region="us-east-1",
        timestamp=STAMP,
        expires=86400,
    )
    assert query.endswith("&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")


@pytest.mark.parametrize(
    ("sent", "canonical"),
    [
        (b"/b/a~b", "/b/a~b"),
        (b"/b/a%7Eb", "/b/a~b"),
        (b"/b/a+b(c)", "/b/a%2Bb%28c%29"),
        (b"/b/a%20b", "/b/a%20b"),
        (b"/b//a/../c", "/b//a/../c"),
        ("/b/ü".encode(), "/b/%C3%BC"),
        (b"", "/"),
    ],
)
def test_paths_are_encoded_once(sent: bytes, canonical: str) -> None:
    """However a client encodes its path, it is signed in S3's own encoding, and never normalised."""
    assert sigv4.canonical_path(sent) == canonical
