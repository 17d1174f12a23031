"""Listings are the merge of the layers without what is deleted, whatever the page size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import S3Error
from tests.multi.shelf import Tower

NAMES = st.sets(st.text("./ab-", min_size=1, max_size=4), max_size=8)


def built(*layers: set[str]) -> Tower:
    """A tower with these keys on its layers."""
    tower = Tower(*[f"l{at}" for at in range(len(layers))])
    for at, keys in enumerate(layers):
        tower.put(f"l{at}", "b", dict.fromkeys(keys, b"%d" % at))
    return tower


@given(NAMES, NAMES, NAMES, NAMES, st.integers(1, 4), st.sampled_from(["", "/", "a"]), st.sampled_from(["", "a", "./"]))
async def test_any_page_size_gives_the_visible_keys(
    top: set[str], mid: set[str], low: set[str], gone: set[str], size: int, delimiter: str, prefix: str
) -> None:
    """Paged with any delimiter and prefix, a listing is what one store with the visible keys would give."""
    tower = built(top, mid, low)
    for key in gone:
        await tower.call("DeleteObject", Bucket="b", Key=key)
    expected = set()
    for key in (top | mid | low) - gone:
        if key.startswith(prefix):
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            expected.add(key if end < 0 else key[: end + 1])
    assert await tower.keys("b", size, Delimiter=delimiter, Prefix=prefix) == sorted(expected)


async def test_the_upper_entry_is_shown() -> None:
    """Of a key that several layers have, the upper one's entry is listed, once."""
    tower = built({"k"}, {"k"})
    page = await tower.call("ListObjectsV2", Bucket="b")
    head = await tower.call("HeadObject", Bucket="b", Key="k")
    assert [entry["ETag"] for entry in page["Contents"]] == [head["ETag"]]


async def test_v1_pages_by_marker() -> None:
    """The first version goes on from the last key or common prefix."""
    tower = built({"a/1", "b"}, {"a/2", "c"})
    page = await tower.call("ListObjects", Bucket="b", Delimiter="/", MaxKeys=1)
    assert (page["CommonPrefixes"], page["NextMarker"]) == ([{"Prefix": "a/"}], "a/")
    page = await tower.call("ListObjects", Bucket="b", Delimiter="/", Marker="a/")
    assert [entry["Key"] for entry in page["Contents"]] == ["b", "c"]


async def test_start_after() -> None:
    """StartAfter holds for every layer."""
    assert await built({"a", "c"}, {"b", "d"}).keys("b", StartAfter="b") == ["c", "d"]


@pytest.mark.parametrize("operation", ["ListObjects", "ListObjectsV2", "ListObjectVersions", "ListBuckets"])
@pytest.mark.parametrize("layer", ["l0", "l1"])
@pytest.mark.parametrize("fault", ["refuse", "hang", "error"])
async def test_no_listing_without_a_layer(operation: str, layer: str, fault: str) -> None:
    """A shorter listing would make sync tools delete, so it is 503."""
    tower = built({"a"}, {"b"})
    tower.faults[layer].fault = fault
    arguments = {} if operation == "ListBuckets" else {"Bucket": "b"}
    assert await tower.code(operation, **arguments) == "ServiceUnavailable"


async def test_a_layer_that_may_be_missed() -> None:
    """What may be missed is missed."""
    tower = built({"a"}, {"b"})
    tower.members[1].may_be_missed = True
    tower.faults["l1"].fault = "refuse"
    assert await tower.keys("b") == ["a"]


async def test_no_such_bucket() -> None:
    """A bucket that no layer has can't be listed; one that any has, can."""
    tower = built({"a"}, {"b"})
    tower.put("l1", "below", {"k": b""})
    assert await tower.keys("below") == ["k"]
    with pytest.raises(S3Error, match="NoSuchBucket"):
        await tower.keys("none")


async def test_a_page_costs_each_layer_about_a_page() -> None:
    """Listing a page asks each layer once, however many keys there are."""
    tower = built({f"k{n:05}" for n in range(0, 5000, 2)}, {f"k{n:05}" for n in range(1, 5000, 2)})
    page = await tower.call("ListObjectsV2", Bucket="b")
    assert page["KeyCount"] == 1000
    assert [shelf.calls.count("ListObjectsV2") for shelf in tower.shelves.values()] == [2, 1]


async def test_our_keys_cannot_be_listed() -> None:
    """Not even by asking for their prefix."""
    tower = built({"a"}, {"k"})
    await tower.call("DeleteObject", Bucket="b", Key="k")
    assert any(key.startswith(".colonnade/") for key in tower.shelves["l0"].buckets["b"])
    assert await tower.keys("b", Prefix=".colonnade/") == []
    assert await tower.keys("b", Delimiter="/") == ["a"]


async def test_no_keys_asked_for() -> None:
    """MaxKeys=0 is an empty page that isn't truncated."""
    page = await built({"a"}, {"b"}).call("ListObjectsV2", Bucket="b", MaxKeys=0)
    assert (page["KeyCount"], page["IsTruncated"]) == (0, False)
