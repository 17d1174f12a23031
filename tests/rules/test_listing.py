"""Pages of listings, against everything sorted in memory."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import S3Error
from colonnade.rules import tokens
from colonnade.rules.listing import list_objects, list_objects_v2
from colonnade.rules.listing_twice import list_multipart_uploads, list_object_versions
from colonnade.rules.pages import SortedCursor, each, past

LETTERS = "a/b|\ud7ff\ue000\U0010ffff"
KEYS = st.sets(st.text(LETTERS, min_size=1, max_size=6), max_size=30)
PREFIXES = st.text(LETTERS, max_size=2)
DELIMITERS = st.sampled_from(["", "/", "a", "//", "/a", "\ud7ff", "\U0010ffff"])
LIMITS = st.integers(1, 7)

Answer = dict[str, Any]


def entry(key: str, item: object) -> Answer:
    """The least that an entry can be."""
    return {"Key": key}


ENTRIES = each(entry)


def cursor(keys: set[str]) -> SortedCursor[None]:
    """A cursor over some keys."""
    return SortedCursor.of((key, None) for key in sorted(keys, key=str.encode))


def rolled(keys: set[str], prefix: str, delimiter: str) -> list[str]:
    """Everything a listing shows, in order: keys as they are, common prefixes with a star before them."""
    seen: dict[str, str] = {}
    for key in sorted(keys, key=str.encode):
        if key.startswith(prefix):
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
            shown = prefix + head + found if found else key
            seen.setdefault(("*" if found else "") + shown, shown)
    return list(seen)


def shown(answer: Answer) -> set[str]:
    """What one page shows, in the same notation."""
    prefixes = {"*" + row["Prefix"] for row in answer.get("CommonPrefixes", ())}
    return prefixes | {row["Key"] for row in answer.get("Contents", ())}


@given(KEYS, PREFIXES, DELIMITERS, LIMITS)
def test_pages_of_v2_are_the_sorted_listing(keys: set[str], prefix: str, delimiter: str, limit: int) -> None:
    """Page by page, a V2 listing shows each key and common prefix once, in order, on full pages."""
    expected = rolled(keys, prefix, delimiter)
    arguments: Answer = {"Bucket": "b", "Prefix": prefix, "Delimiter": delimiter, "MaxKeys": limit}
    while True:
        answer = list_objects_v2(arguments, cursor(keys), ENTRIES)
        assert shown(answer) == set(expected[:limit])
        assert answer["KeyCount"] == len(expected[:limit])
        expected = expected[limit:]
        assert answer["IsTruncated"] == bool(expected)
        if not expected:
            break
        arguments["ContinuationToken"] = answer["NextContinuationToken"]


@given(KEYS, PREFIXES, DELIMITERS, LIMITS)
def test_pages_of_v1_are_the_sorted_listing(keys: set[str], prefix: str, delimiter: str, limit: int) -> None:
    """The same for V1, where the client makes the marker itself if there is no delimiter."""
    expected = rolled(keys, prefix, delimiter)
    arguments: Answer = {"Bucket": "b", "Prefix": prefix, "Delimiter": delimiter, "MaxKeys": limit}
    while expected:
        answer = list_objects(arguments, cursor(keys), ENTRIES)
        assert shown(answer) == set(expected[:limit])
        expected = expected[limit:]
        assert answer["IsTruncated"] == bool(expected)
        assert ("NextMarker" in answer) == bool(expected and delimiter)
        arguments["Marker"] = (
            answer["NextMarker"] if delimiter and expected else answer.get("Contents", [{}])[-1].get("Key")
        )


@given(KEYS, PREFIXES, DELIMITERS, st.text(LETTERS, max_size=4))
def test_start_after(keys: set[str], prefix: str, delimiter: str, marker: str) -> None:
    """Keys and common prefixes that are not greater than StartAfter are left out."""
    arguments = {"Bucket": "b", "Prefix": prefix, "Delimiter": delimiter, "StartAfter": marker}
    expected = {row for row in rolled(keys, prefix, delimiter) if row.lstrip("*") > marker}
    assert shown(list_objects_v2(arguments, cursor(keys), ENTRIES)) == expected


VERSIONS = st.dictionaries(st.text("a/b", min_size=1, max_size=3), st.sets(st.integers(0, 9), min_size=1), max_size=8)


@given(VERSIONS, DELIMITERS, LIMITS)
def test_pages_of_versions(keys: dict[str, set[int]], delimiter: str, limit: int) -> None:
    """A page may end between two versions of a key, and the next goes on there."""
    rows = [(key, f"v{i}") for key in sorted(keys) for i in sorted(keys[key], reverse=True)]
    arguments: Answer = {"Bucket": "b", "Delimiter": delimiter, "MaxKeys": limit}
    got: list[tuple[str, str]] = []
    while True:
        answer = list_object_versions(arguments, SortedCursor.of(rows), _version, str)
        got += [(row["Key"], row["VersionId"]) for row in answer.get("Versions", ())]
        if not answer["IsTruncated"]:
            break
        arguments["KeyMarker"] = answer["NextKeyMarker"]
        arguments["VersionIdMarker"] = answer.get("NextVersionIdMarker", "")
    assert got == [row for row in rows if not delimiter or delimiter not in row[0]]


def _version(key: str, version: str) -> Answer:
    return {"Key": key, "VersionId": version, "Size": 0}


@given(VERSIONS, DELIMITERS, LIMITS)
def test_pages_of_uploads(keys: dict[str, set[int]], delimiter: str, limit: int) -> None:
    """A page may end between two uploads of a key; prefixes count and come once."""
    rows = [(key, f"u{i}") for key in sorted(keys) for i in sorted(keys[key])]
    arguments: Answer = {"Bucket": "b", "Delimiter": delimiter, "MaxUploads": limit}
    got, prefixes = [], []
    while True:
        answer = list_multipart_uploads(arguments, SortedCursor.of(rows), _upload, str)
        got += [(row["Key"], row["UploadId"]) for row in answer.get("Uploads", ())]
        prefixes += [row["Prefix"] for row in answer.get("CommonPrefixes", ())]
        if not answer["IsTruncated"]:
            break
        arguments["KeyMarker"] = answer["NextKeyMarker"]
        arguments["UploadIdMarker"] = answer.get("NextUploadIdMarker", "")
    assert got == [row for row in rows if not delimiter or delimiter not in row[0]]
    assert prefixes == [row[1:] for row in rolled(set(keys), "", delimiter) if row.startswith("*")]


def _upload(key: str, upload: str) -> Answer:
    return {"Key": key, "UploadId": upload}


def test_a_version_marker_that_is_gone_loses_nothing() -> None:
    """Ids are issued in rising order, so a deleted marker still says where to go on."""
    rows = [("k", "v9"), ("k", "v5"), ("k", "v1"), ("l", "v7")]
    arguments = {"Bucket": "b", "KeyMarker": "k", "VersionIdMarker": "v6"}
    answer = list_object_versions(arguments, SortedCursor.of(rows), _version, str)
    assert [row["VersionId"] for row in answer["Versions"]] == ["v5", "v1", "v7"]


def test_an_entry_without_size_is_a_delete_marker() -> None:
    """Versions and delete markers go into lists of their own."""
    rows = [("k", "v2"), ("k", "v1")]
    answer = list_object_versions(
        {"Bucket": "b"},
        SortedCursor.of(rows),
        lambda k, v: {"Key": k, "VersionId": v, **({"Size": 1} if v == "v1" else {})},
    )
    assert [row["VersionId"] for row in answer["DeleteMarkers"]] == ["v2"]
    assert [row["VersionId"] for row in answer["Versions"]] == ["v1"]


def test_a_version_marker_needs_a_key_marker() -> None:
    """S3 says InvalidArgument."""
    with pytest.raises(S3Error, match="InvalidArgument"):
        list_object_versions({"Bucket": "b", "VersionIdMarker": "v"}, cursor(set()), entry)


def test_no_keys_asked_for() -> None:
    """MaxKeys 0 is an empty page that is not truncated."""
    answer = list_objects_v2({"Bucket": "b", "MaxKeys": 0}, cursor({"a"}), ENTRIES)
    assert answer == {"Name": "b", "MaxKeys": 0, "IsTruncated": False, "KeyCount": 0}


def test_more_than_a_thousand_asked_for() -> None:
    """MaxKeys above 1,000 counts as 1,000, and the answer says so."""
    keys = {f"{i:04}" for i in range(1001)}
    answer = list_objects_v2({"Bucket": "b", "MaxKeys": 5000}, cursor(keys), ENTRIES)
    assert (len(answer["Contents"]), answer["MaxKeys"], answer["IsTruncated"]) == (1000, 1000, True)


def test_negative_max_keys() -> None:
    """Fewer than none is InvalidArgument, with the argument's name on the wire."""
    with pytest.raises(S3Error) as caught:
        list_objects({"Bucket": "b", "MaxKeys": -1}, cursor(set()), ENTRIES)
    assert (caught.value.code, caught.value.fields["ArgumentName"]) == ("InvalidArgument", "max-keys")


def test_an_entry_that_vanished_is_skipped() -> None:
    """A key that is gone when it is described leaves no gap on the page."""
    answer = list_objects_v2(
        {"Bucket": "b", "MaxKeys": 2},
        cursor({"a", "b", "c"}),
        each(lambda key, _: None if key == "b" else {"Key": key}),
    )
    assert [row["Key"] for row in answer["Contents"]] == ["a", "c"]


@given(st.text(max_size=40))
def test_tokens_come_back(position: str) -> None:
    """Decoding undoes encoding for any position."""
    assert tokens.decode(tokens.encode(position)) == position


def test_tokens_have_a_bound() -> None:
    """That of the longest key fits well into a request's line, and what is longer isn't even looked at."""
    assert len(tokens.encode("k" * 1024 + "\0")) < 1400 < tokens.LONGEST
    with pytest.raises(S3Error, match="The continuation token provided is incorrect") as refused:
        tokens.decode(tokens.encode("k" * 10_000))
    assert len(refused.value.fields["ArgumentValue"]) == tokens.LONGEST


@given(st.text(max_size=40))
def test_other_tokens_are_refused(token: str) -> None:
    """What was never issued is refused as S3 refuses it."""
    with pytest.raises(S3Error, match="The continuation token provided is incorrect"):
        tokens.decode(token)


@given(st.text(LETTERS, min_size=1, max_size=4), st.text(max_size=4))
def test_past_a_prefix(prefix: str, key: str) -> None:
    """Keys with the prefix lie before the place behind it, greater ones don't."""
    place = past(prefix)
    if place is None:
        assert set(prefix) == {"\U0010ffff"}
    else:
        assert prefix + key < place
        assert key.startswith(prefix) or (key < place) == (key < prefix)
