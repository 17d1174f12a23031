"""Listings: prefixes, delimiters, markers, pages, order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.conformance.raw import Raw, refused

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

#: No key is a directory of another's, so that a plain directory holds them all.
FLAT = ["a/b/c", "a/d", "ab", "b/", "b/x", "c", "d-e-f", "ü/z", "日"]
LISTINGS = ["list_objects", "list_objects_v2", "list_object_versions"]


def fill(client: S3Client, bucket: str, keys: list[str]) -> None:
    """Put empty objects, in an order that isn't the listing's."""
    for key in reversed(keys):
        client.put_object(Bucket=bucket, Key=key)


def listed(answer: Any) -> tuple[list[str], list[str]]:
    """The keys and the common prefixes of an answer."""
    rows = answer.get("Contents", answer.get("Versions", []))
    return [row["Key"] for row in rows], [row["Prefix"] for row in answer.get("CommonPrefixes", [])]


def expected(keys: list[str], prefix: str = "", delimiter: str = "") -> list[str]:
    """Keys and common prefixes in the one order they have, by UTF-8 bytes."""
    entries = set()
    for key in keys:
        if key.startswith(prefix):
            at = key.find(delimiter, len(prefix)) if delimiter else -1
            entries.add(key if at < 0 else key[: at + len(delimiter)])
    return sorted(entries, key=str.encode)


@pytest.fixture(scope="session")
def flat(client: S3Client, named: Callable[[], str]) -> str:
    """A bucket of these keys, which nobody changes."""
    name = named()
    client.create_bucket(Bucket=name)
    fill(client, name, FLAT)
    return name


@pytest.mark.parametrize("method", LISTINGS)
@pytest.mark.parametrize(
    ("prefix", "delimiter"),
    [("", ""), ("", "/"), ("a", ""), ("a/", "/"), ("a/b", "/"), ("a/b/", "/"), ("b/", "/"), ("none", "/"),
     ("", "-"), ("d", "-e"), ("", "b/"), ("ü", "/"), ("", "日")]
)  # fmt: skip
def test_prefix_and_delimiter(client: S3Client, flat: str, method: str, prefix: str, delimiter: str) -> None:
    """Keys up to the first delimiter behind the prefix are rolled up."""
    keys, prefixes = listed(getattr(client, method)(Bucket=flat, Prefix=prefix, Delimiter=delimiter))
    assert sorted(keys + prefixes, key=str.encode) == expected(FLAT, prefix, delimiter)
    assert all(not delimiter or delimiter not in key[len(prefix) :] for key in keys)
    assert (keys, prefixes) == (sorted(keys, key=str.encode), sorted(prefixes, key=str.encode))


def test_the_order_is_that_of_utf8(client: S3Client, bucket: str) -> None:
    """Bytes decide, also where UTF-16 would decide otherwise."""
    keys = ["A", "a!", "a/", "a0", "~", "é", "\uffee", "😀"]
    fill(client, bucket, keys)
    assert listed(client.list_objects_v2(Bucket=bucket))[0] == keys


@pytest.mark.parametrize("method", LISTINGS)
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("delimiter", ["", "/"])
def test_page_by_page(client: S3Client, flat: str, method: str, size: int, delimiter: str) -> None:
    """The pages joined are the listing, and none is longer than asked for."""
    entries: list[str] = []
    paginator: Any = client.get_paginator(method)  # type: ignore[call-overload]
    for page in paginator.paginate(Bucket=flat, Delimiter=delimiter, PaginationConfig={"PageSize": size}):
        keys, prefixes = listed(page)
        assert len(keys) + len(prefixes) <= size
        entries += sorted(keys + prefixes, key=str.encode)
    assert entries == expected(FLAT, "", delimiter)


@pytest.mark.parametrize("method", LISTINGS)
def test_no_keys_at_all(client: S3Client, bucket: str, method: str) -> None:
    """max-keys 0 is an empty page behind which nothing comes."""
    fill(client, bucket, ["a"])
    answer = getattr(client, method)(Bucket=bucket, MaxKeys=0)
    assert (listed(answer), answer["IsTruncated"], answer["MaxKeys"]) == (([], []), False, 0)


def test_a_page_has_at_most_a_thousand(client: S3Client, bucket: str) -> None:
    """More than 1,000 can be asked for but not got."""
    assert client.list_objects_v2(Bucket=bucket, MaxKeys=5000)["MaxKeys"] == 1000


@pytest.mark.parametrize("value", ["-1", "many"])
def test_what_is_no_number(bucket: str, raw: Raw, value: str) -> None:
    """max-keys must be a number, and not below 0."""
    reply = raw("GET", f"/{bucket}?max-keys={value}")
    assert (reply.status, reply.find("Code")) == (400, "InvalidArgument")


def test_start_after(client: S3Client, bucket: str) -> None:
    """A listing can begin behind any string, a key or not."""
    fill(client, bucket, ["a", "b", "c"])
    assert listed(client.list_objects_v2(Bucket=bucket, StartAfter="a"))[0] == ["b", "c"]
    assert listed(client.list_objects_v2(Bucket=bucket, StartAfter="aa"))[0] == ["b", "c"]
    assert listed(client.list_objects(Bucket=bucket, Marker="b"))[0] == ["c"]


def test_start_after_in_a_common_prefix(client: S3Client, bucket: str) -> None:
    """A common prefix that isn't behind the marker stays out."""
    fill(client, bucket, ["a/1", "a/2", "b/1"])
    assert listed(client.list_objects_v2(Bucket=bucket, StartAfter="a/", Delimiter="/"))[1] == ["b/"]


def test_key_count_counts_prefixes_too(client: S3Client, bucket: str) -> None:
    """KeyCount is how many entries the page has."""
    fill(client, bucket, ["a/1", "a/2", "b"])
    assert client.list_objects_v2(Bucket=bucket, Delimiter="/")["KeyCount"] == 2


def test_next_marker_only_with_a_delimiter(client: S3Client, bucket: str) -> None:
    """Without one the last key is the marker."""
    fill(client, bucket, ["a", "b"])
    assert "NextMarker" not in client.list_objects(Bucket=bucket, MaxKeys=1)
    assert client.list_objects(Bucket=bucket, MaxKeys=1, Delimiter="/")["NextMarker"] == "a"


def test_a_made_up_token(client: S3Client, bucket: str) -> None:
    """A token that S3 never gave is refused."""
    with refused("InvalidArgument", 400):
        client.list_objects_v2(Bucket=bucket, ContinuationToken="made up")


def test_a_token_that_was_changed(client: S3Client, bucket: str) -> None:
    """A token in which one letter is another is refused, wherever it is."""
    fill(client, bucket, ["a", "b", "c"])
    token = client.list_objects_v2(Bucket=bucket, MaxKeys=1)["NextContinuationToken"]
    for at in (0, len(token) // 2, len(token) - 1):
        changed = token[:at] + ("A" if token[at] != "A" else "g") + token[at + 1 :]
        with refused("InvalidArgument", 400):
            client.list_objects_v2(Bucket=bucket, ContinuationToken=changed)


def test_owners_when_asked(client: S3Client, bucket: str) -> None:
    """V1 has owners, V2 with fetch-owner."""
    fill(client, bucket, ["a"])
    assert "Owner" in client.list_objects(Bucket=bucket)["Contents"][0]
    assert "Owner" not in client.list_objects_v2(Bucket=bucket)["Contents"][0]
    assert "Owner" in client.list_objects_v2(Bucket=bucket, FetchOwner=True)["Contents"][0]


def test_what_is_asked_is_repeated(bucket: str, raw: Raw) -> None:
    """Prefix and marker are in the answer even when empty."""
    v1 = raw("GET", f"/{bucket}")
    assert (v1.find("Name"), v1.find("Prefix"), v1.find("Marker")) == (bucket, "", "")
    v2 = raw("GET", f"/{bucket}?list-type=2&prefix=p%2F&start-after=s")
    assert (v2.find("Prefix"), v2.find("StartAfter"), v2.find("IsTruncated")) == ("p/", "s", "false")


def test_encoded_keys(client: S3Client, bucket: str, raw: Raw) -> None:
    """encoding-type=url encodes keys, pluses too, and leaves slashes alone."""
    fill(client, bucket, ["a+ü/c"])
    reply = raw("GET", f"/{bucket}?list-type=2&encoding-type=url")
    assert (reply.find("Key"), reply.find("EncodingType")) == ("a%2B%C3%BC/c", "url")


def test_versions_of_a_bucket_never_versioned(client: S3Client, bucket: str) -> None:
    """Every object is its latest version, null."""
    fill(client, bucket, ["a"])
    row = client.list_object_versions(Bucket=bucket)["Versions"][0]
    assert (row["Key"], row["VersionId"], row["IsLatest"]) == ("a", "null", True)


def test_a_version_marker_needs_a_key_marker(client: S3Client, bucket: str) -> None:
    """It says nothing by itself."""
    with refused("InvalidArgument", 400):
        client.list_object_versions(Bucket=bucket, VersionIdMarker="null")


SEGMENTS = st.text(st.sampled_from("ab-é😀"), min_size=1, max_size=3)
#: No segment is both a file and a directory, so that directories can hold them all.
NAMES = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda s: "/".join([f"{p}.d" for p in s[:-1]] + s[-1:]))


@given(
    keys=st.lists(NAMES, unique=True, min_size=1, max_size=12),
    prefix=st.text(st.sampled_from("ab-é😀/.d"), max_size=3),
    delimiter=st.sampled_from(["", "/", "-", "a", ".d/", "é"]),
    size=st.integers(1, 5),
)
@example(keys=["a.d/a", "a.d/b", "b"], prefix="a", delimiter="/", size=1)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_are_the_sorted_keys(
    client: S3Client, bucket: str, keys: list[str], prefix: str, delimiter: str, size: int
) -> None:
    """Whatever is asked for, page by page it is what sorting in memory gives."""
    for key in listed(client.list_objects_v2(Bucket=bucket))[0]:
        client.delete_object(Bucket=bucket, Key=key)
    fill(client, bucket, keys)
    entries: list[str] = []
    pages = client.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix=prefix, Delimiter=delimiter, PaginationConfig={"PageSize": size}
    )
    for page in pages:
        found, prefixes = listed(page)
        entries += sorted(found + prefixes, key=str.encode)
    assert entries == expected(keys, prefix, delimiter)
