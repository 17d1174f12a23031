"""A delete stays deleted."""

from __future__ import annotations

import pytest

from tests.multi.shelf import Tower


@pytest.fixture
def tower() -> Tower:
    """A key in both layers, one only above, one only below."""
    tower = Tower("top", "low")
    tower.store("top", "b", both="t", top="t")
    tower.store("low", "b", both="l", low="l")
    return tower


def markers(tower: Tower) -> int:
    """How many markers the primary holds."""
    return sum(key.startswith(".colonnade/") for key in tower.shelves["top"].buckets.get("b", ()))


@pytest.mark.parametrize("key", ["both", "top", "low"])
async def test_deleted_is_deleted(tower: Tower, key: str) -> None:
    """Wherever a key was, after a DELETE it is gone for every read and every listing."""
    assert await tower.call("DeleteObject", Bucket="b", Key=key) == {}
    assert await tower.code("GetObject", Bucket="b", Key=key) == "NoSuchKey"
    assert key not in await tower.keys("b")


@pytest.mark.parametrize(("key", "count"), [("both", 1), ("low", 1), ("top", 0), ("none", 0)])
async def test_markers_only_where_needed(tower: Tower, key: str, count: int) -> None:
    """What no lower layer has leaves no marker."""
    await tower.call("DeleteObject", Bucket="b", Key=key)
    assert markers(tower) == count


@pytest.mark.parametrize("fault", ["refuse", "hang", "error", "forbidden"])
async def test_a_silent_lower_layer_gets_a_marker(tower: Tower, fault: str) -> None:
    """With a lower layer down the marker is written, and holds when it is back."""
    tower.faults["low"].fault = fault
    assert await tower.code("DeleteObject", Bucket="b", Key="both") == ""
    tower.faults["low"].fault = ""
    assert await tower.code("HeadObject", Bucket="b", Key="both") == "NoSuchKey"


@pytest.mark.parametrize("fault", ["refuse", "hang", "error"])
async def test_no_delete_without_the_primary(tower: Tower, fault: str) -> None:
    """With the primary down nothing can be deleted."""
    tower.faults["top"].fault = fault
    assert await tower.code("DeleteObject", Bucket="b", Key="both") == "ServiceUnavailable"


async def test_written_again(tower: Tower) -> None:
    """A new object stands above the marker, and can be deleted in turn."""
    await tower.call("DeleteObject", Bucket="b", Key="both")
    await tower.call("PutObject", Bucket="b", Key="both", Body=b"again")
    assert await tower.read("b", "both") == b"again"
    await tower.call("DeleteObject", Bucket="b", Key="both")
    assert await tower.code("GetObject", Bucket="b", Key="both") == "NoSuchKey"


async def test_long_keys(tower: Tower) -> None:
    """Keys too long to be written out in a marker stay deleted too, listed or rolled up."""
    keys = [f"d/{'x' * 600}{n}" for n in range(3)]
    tower.put("low", "b", dict.fromkeys(keys, b""))
    for key in keys[:2]:
        await tower.call("DeleteObject", Bucket="b", Key=key)
    assert await tower.keys("b", Prefix="d/") == keys[2:]
    await tower.call("DeleteObject", Bucket="b", Key=keys[2])
    assert "d/" not in await tower.keys("b", Delimiter="/")


async def test_a_bucket_only_below(tower: Tower) -> None:
    """Deleting from a bucket that is only below makes it in the primary, for the marker."""
    tower.store("low", "archive", k="l")
    assert await tower.call("DeleteObject", Bucket="archive", Key="none") == {}
    assert "archive" not in tower.shelves["top"].buckets
    await tower.call("DeleteObject", Bucket="archive", Key="k")
    assert await tower.keys("archive") == []


async def test_no_such_bucket(tower: Tower) -> None:
    """A bucket that nobody has."""
    assert await tower.code("DeleteObject", Bucket="none", Key="k") == "NoSuchBucket"


async def test_many(tower: Tower) -> None:
    """DeleteObjects answers for each key."""
    objects = [{"Key": key} for key in ("both", "none", ".colonnade/x")]
    answer = await tower.call("DeleteObjects", Bucket="b", Delete={"Objects": objects})
    assert answer["Deleted"] == [{"Key": "both"}, {"Key": "none"}]
    assert [(error["Key"], error["Code"]) for error in answer["Errors"]] == [(".colonnade/x", "AccessDenied")]
    assert await tower.code("HeadObject", Bucket="b", Key="both") == "NoSuchKey"


@pytest.mark.parametrize(("etag", "code"), [('"no"', "PreconditionFailed"), ("*", "")])
async def test_conditions_below(tower: Tower, etag: str, code: str) -> None:
    """If-Match of a delete is judged against what is visible."""
    assert await tower.code("DeleteObject", Bucket="b", Key="low", IfMatch=etag) == code
    assert ("low" in await tower.keys("b")) == bool(code)


@pytest.mark.parametrize(
    ("operation", "code"), [("GetObject", "NoSuchKey"), ("PutObject", "AccessDenied"), ("DeleteObject", "AccessDenied")]
)
async def test_markers_are_out_of_reach(tower: Tower, operation: str, code: str) -> None:
    """Clients can neither read nor write nor delete our keys."""
    assert await tower.code(operation, Bucket="b", Key=".colonnade/deleted/61.") == code
