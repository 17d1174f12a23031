"""Ranges, names, copy sources, tags, ETag lists: what each takes and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import S3Error
from colonnade.rules import buckets, conditions, copysource, metadata, names, ranges, tagging


@given(st.integers(0, 20), st.integers(0, 30), st.integers(0, 30))
def test_a_range_is_python_s_slice(size: int, first: int, last: int) -> None:
    """first-last are the bytes of data[first : last + 1], or there are none."""
    data = bytes(range(size))
    try:
        extent = ranges.parse(f"bytes={first}-{last}", size)
    except S3Error:
        assert data[first : last + 1] == b""
        return
    offset, length = extent or (0, size)
    assert data[offset : offset + length] == (data[first : last + 1] if extent else data)
    assert (extent is None) == (last < first)


@given(st.text(max_size=30), st.integers(0, 100))
def test_no_header_breaks_the_parser(header: str, size: int) -> None:
    """Whatever is sent is a range, all of it, or unsatisfiable."""
    try:
        extent = ranges.parse(header, size)
    except S3Error:
        return
    assert extent is None or (extent[1] > 0 and sum(extent) <= size)


@pytest.mark.parametrize(
    ("header", "found"),
    [('"a"', True), ("a", True), ('W/"a"', True), ('"b", "a"', True), ("b,a", True), ("*", True), (" * ", True),
     ('"b"', False), ("", False), ('"aa"', False), ('"*"', False)],
)  # fmt: skip
def test_etag_lists(header: str, found: bool) -> None:
    """Quotes and weakness don't matter, the tag does."""
    assert conditions.matches(header, '"a"') is found


@pytest.mark.parametrize("name", ["abc", "a.b.c", "1ab", "a" * 63, "1.2.3", "a-b"])
def test_good_bucket_names(name: str) -> None:
    """S3 takes these."""
    names.check_bucket(name)


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 64, "A-b", "a_b", "a..b", "1.2.3.4", "a.", "xn--a", "a-s3alias", "ä-b"]
)
def test_bad_bucket_names(name: str) -> None:
    """S3 refuses these."""
    with pytest.raises(S3Error, match="InvalidBucketName"):
        names.check_bucket(name)


@pytest.mark.parametrize("name", ["Upper_Case", "ab", "a..b"])
def test_names_without_strictness(name: str) -> None:
    """Any segment of a path will do then."""
    names.check_bucket(name, strict=False)
    for bad in ("", ".", "..", "a/b", "a\0b"):
        with pytest.raises(S3Error, match="InvalidBucketName"):
            names.check_bucket(bad, strict=False)


@pytest.mark.parametrize(
    ("header", "source"),
    [
        ("b/k", {"Bucket": "b", "Key": "k"}),
        ("/b/a/b", {"Bucket": "b", "Key": "a/b"}),
        ("b/a%20b%2B+", {"Bucket": "b", "Key": "a b+ "}),
        ("b/k?versionId=v", {"Bucket": "b", "Key": "k", "VersionId": "v"}),
        ("b/k%3FversionId=v", {"Bucket": "b", "Key": "k?versionId=v"}),
        ("b%2Fk", {"Bucket": "b", "Key": "k"}),
    ],
)
def test_copy_source_headers(header: str, source: dict[str, str]) -> None:
    """Percent-encoding ends before the version begins."""
    assert copysource.parse_header(header) == source


@pytest.mark.parametrize("value", ["", "b", "b/", "/b", {"Bucket": "b"}])
def test_copy_sources_without_key(value: Any) -> None:
    """Bucket and key must be named."""
    with pytest.raises(S3Error, match="InvalidArgument"):
        copysource.parse(value)


_WORD = st.text(st.sampled_from("aZ0 ü日+-=._:/@"), min_size=1, max_size=5)


@given(st.dictionaries(_WORD, _WORD, max_size=10))
def test_tags_in_a_header_come_back(tags: dict[str, str]) -> None:
    """Written and read they are the same."""
    rows = [{"Key": key, "Value": value} for key, value in tags.items()]
    assert tagging.parse_header(tagging.to_header(rows)) == rows


def test_metadata_counts_bytes() -> None:
    """2,048 bytes of UTF-8 are the most."""
    metadata.check_size({"a": "ü" * 1023})
    with pytest.raises(S3Error, match="MetadataTooLarge"):
        metadata.check_size({"a": "ü" * 1024})


@given(st.sets(_WORD, max_size=8), st.integers(1, 4))
def test_buckets_page_by_page(found: set[str], most: int) -> None:
    """The pages of ListBuckets joined are all names in order."""
    arguments: dict[str, Any] = {"MaxBuckets": most}
    listed: list[str] = []
    while True:
        shown, said = buckets.page(arguments, found)
        listed += shown
        if "ContinuationToken" not in said:
            break
        arguments["ContinuationToken"] = said["ContinuationToken"]
    assert listed == sorted(found)
