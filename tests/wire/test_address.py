"""Bucket and key out of host and path."""

from __future__ import annotations

import contextlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import S3Error
from colonnade.wire import address
from colonnade.wire.address import Target
from colonnade.wire.request import Request
from tests.wire.exchange import request

DOMAINS = ("example.com", "s3.example.com", "other.org")


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", Target()),
        ("/b", Target("b")),
        ("/b/", Target("b")),
        ("/b//", Target("b", "/")),
        ("/b/k/", Target("b", "k/")),
        ("/b/a//../.", Target("b", "a//../.")),
        ("/b/a+b%2Bc%20d", Target("b", "a+b+c d")),
        ("/b/%e6%B1%89", Target("b", "汉")),
        ("/b/a%2Fb%3Fc", Target("b", "a/b?c")),
    ],
)
def test_path_style(path: str, target: Target) -> None:
    """The first segment is the bucket, all else the key, decoded once and otherwise untouched."""
    assert address.resolve(request("GET", path)) == target


@pytest.mark.parametrize(
    ("host", "target"),
    [
        ("b.s3.example.com", Target("b", "x/k")),
        ("my.bucket.s3.example.com:7070", Target("my.bucket", "x/k")),
        ("B.EXAMPLE.COM.", Target("b", "x/k")),
        ("s3.example.com:80", Target("x", "k")),
        ("notexample.com", Target("x", "k")),
        ("127.0.0.1:7070", Target("x", "k")),
        ("[::1]:7070", Target("x", "k")),
        ("", Target("x", "k")),
    ],
)
def test_virtual_hosts(host: str, target: Target) -> None:
    """What stands before the longest domain that fits is the bucket; any other host is path-style."""
    assert address.resolve(request("GET", "/x/k", host=host), DOMAINS) == target


def test_a_virtual_host_without_path_is_the_bucket() -> None:
    """GET / on a bucket's host lists it."""
    assert address.resolve(request("GET", "/", host="b.other.org"), DOMAINS) == Target("b")


@pytest.mark.parametrize("path", ["/b/%", "/b/%2", "/b/%zz", "/b/%ff", "/b/%c3", "/%ff/k", "/b/%ed%a0%80"])
def test_bad_escapes_are_invalid_uris(path: str) -> None:
    """An escape that isn't one, or bytes that aren't UTF-8, are refused."""
    with pytest.raises(S3Error, match="InvalidURI"):
        address.resolve(request("GET", path))


def test_an_empty_bucket_is_no_bucket() -> None:
    """Two slashes in front name a bucket without a name."""
    with pytest.raises(S3Error, match="InvalidBucketName"):
        address.resolve(request("GET", "//k"))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_every_key_comes_back(key: str) -> None:
    """Any text, encoded as clients do, is the key again."""
    path = "/b/" + quote(key, safe="/~")
    assert address.resolve(request("GET", path)) == Target("b", key)


@given(st.binary(), st.binary())
def test_no_line_is_too_strange(path: bytes, query: bytes) -> None:
    """Whatever bytes a path and query are made of, the answer is a target or an S3Error."""
    with contextlib.suppress(S3Error):
        address.resolve(Request("GET", b"/" + path, query, {"host": "b.example.com"}), DOMAINS)
