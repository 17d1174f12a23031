"""Listing versions: an upper layer's versions of a key come first, and only one is the latest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.multi.shelf import Tower


@pytest.fixture
async def tower() -> Tower:
    """A versioned layer over a versioned one over a plain one."""
    tower = Tower("top", "mid", "low")
    for name in ("top", "mid"):
        shelf = tower.shelves[name]
        shelf.buckets["b"] = {}
        shelf.versioned.add("b")
        for _ in range(3):
            await shelf.put_object("b", "k", name.encode())
    tower.put("low", "b", {"k": b"low", "z": b"low", "a/1": b""})
    return tower


async def lines(tower: Tower, size: int) -> list[tuple[str, str, bool]]:
    """All lines, in pages."""
    found, more = [], dict[str, Any]()
    while True:
        page = await tower.call("ListObjectVersions", Bucket="b", MaxKeys=size, **more)
        entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        found += [(entry["Key"], entry["VersionId"], entry["IsLatest"]) for entry in entries]
        if not page["IsTruncated"]:
            return found
        more = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page.get("NextVersionIdMarker", "")}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
async def test_pages_of_any_size(tower: Tower, size: int) -> None:
    """Pages may end amid a key and in any layer."""
    keys = [(key, latest) for key, _, latest in await lines(tower, size)]
    assert keys == [("a/1", True), ("k", True), *[("k", False)] * 6, ("z", True)]


async def test_a_native_delete_marker_hides_below(tower: Tower) -> None:
    """Where the primary is versioned its own delete marker serves: no object of ours is written."""
    await tower.call("DeleteObject", Bucket="b", Key="z")
    assert await tower.code("HeadObject", Bucket="b", Key="z") == "NoSuchKey"
    assert await tower.keys("b") == ["a/1", "k"]
    assert not any(key.startswith(".colonnade/") for key in tower.shelves["top"].buckets["b"])


async def test_undeleting(tower: Tower) -> None:
    """Removing the delete marker shows the key again."""
    version = (await tower.call("DeleteObject", Bucket="b", Key="z"))["VersionId"]
    await tower.call("DeleteObject", Bucket="b", Key="z", VersionId=version)
    assert await tower.read("b", "z") == b"low"


async def test_a_version_of_a_layer_that_is_only_read(tower: Tower) -> None:
    """A version that a fallback issued can't be deleted."""
    version = tower.shelves["mid"].buckets["b"]["k"][0].version
    tower.shelves["top"].buckets["b"]["k"] = []
    assert await tower.code("DeleteObject", Bucket="b", Key="k", VersionId=version) == "AccessDenied"


async def test_one_null_version() -> None:
    """The null version of a lower layer is shadowed by that of an upper one."""
    tower = Tower("top", "low")
    tower.store("top", "b", k="1")
    tower.store("low", "b", k="2", old="2")
    assert await lines(tower, 1) == await lines(tower, 9) == [("k", "null", True), ("old", "null", True)]


async def test_deleted_keys_are_not_shown() -> None:
    """A key hidden by a marker has no versions to show, and no common prefix."""
    tower = Tower("top", "low")
    tower.put("top", "b", {"t": b""})
    tower.put("low", "b", {"d/1": b"", "k": b""})
    for key in ("d/1", "k"):
        await tower.call("DeleteObject", Bucket="b", Key=key)
    page = await tower.call("ListObjectVersions", Bucket="b", Delimiter="/")
    assert [entry["Key"] for entry in page["Versions"]] == ["t"]
    assert "CommonPrefixes" not in page
