"""Writes land in the primary; conditions hold for what is visible."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from colonnade.body import StreamBody
from colonnade.multi import Timeouts
from tests.multi.shelf import Tower


@pytest.fixture
def tower() -> Tower:
    """A bucket that is only below, and one that is in both."""
    tower = Tower("top", "low")
    tower.store("low", "archive", old="old")
    tower.store("top", "b", new="new")
    tower.store("low", "b", old="old")
    return tower


async def test_into_the_primary(tower: Tower) -> None:
    """A write goes to the primary and nowhere else."""
    await tower.call("PutObject", Bucket="b", Key="old", Body=b"newer")
    assert await tower.read("b", "old") == b"newer"
    assert tower.shelves["low"].thing("b", "old").data == b"old"


@pytest.mark.parametrize("operation", ["PutObject", "CreateMultipartUpload"])
async def test_a_bucket_only_below_is_made(tower: Tower, operation: str) -> None:
    """The first write makes the bucket in the primary, however many come at once."""
    calls = [tower.code(operation, Bucket="archive", Key=f"k{n}") for n in range(5)]
    assert await asyncio.gather(*calls) == [""] * 5
    assert "archive" in tower.shelves["top"].buckets


async def test_a_bucket_deleted_behind_our_back(tower: Tower) -> None:
    """That a bucket was there once is only a hint."""
    await tower.call("PutObject", Bucket="archive", Key="k", Body=b"")
    del tower.shelves["top"].buckets["archive"]
    assert await tower.code("CreateMultipartUpload", Bucket="archive", Key="k") == ""


@pytest.mark.parametrize("fault", ["refuse", "hang", "error"])
async def test_no_write_without_the_primary(tower: Tower, fault: str) -> None:
    """With the primary down a write is 503."""
    tower.faults["top"].fault = fault
    assert await tower.code("PutObject", Bucket="b", Key="k", Body=b"") == "ServiceUnavailable"


async def test_no_such_bucket(tower: Tower) -> None:
    """A bucket that nobody has is not made."""
    assert await tower.code("PutObject", Bucket="none", Key="k") == "NoSuchBucket"


NONE, OLD, WRONG = {"IfNoneMatch": "*"}, {"IfMatch": '"149603e6c03516362a8da23f624db945"'}, {"IfMatch": '"no"'}


@pytest.mark.parametrize(
    ("key", "condition", "code"),
    [
        ("old", NONE, "PreconditionFailed"),
        ("new", NONE, "PreconditionFailed"),
        ("none", NONE, ""),
        ("old", OLD, ""),
        ("old", WRONG, "PreconditionFailed"),
        ("new", WRONG, "PreconditionFailed"),
        ("none", WRONG, "NoSuchKey"),
    ],
)
async def test_conditions(tower: Tower, key: str, condition: dict[str, Any], code: str) -> None:
    """If-Match and If-None-Match see through to the layers below."""
    assert await tower.code("PutObject", Bucket="b", Key=key, Body=b"x", **condition) == code


@pytest.mark.parametrize("condition", [NONE, WRONG])
async def test_conditions_that_cannot_be_judged(tower: Tower, condition: dict[str, Any]) -> None:
    """With a lower layer down a condition on what the primary lacks is 503."""
    tower.faults["low"].fault = "refuse"
    assert await tower.code("PutObject", Bucket="b", Key="k", Body=b"", **condition) == "ServiceUnavailable"


async def test_deleted_is_absent_for_conditions(tower: Tower) -> None:
    """What is deleted can be created."""
    await tower.call("DeleteObject", Bucket="b", Key="old")
    assert await tower.code("PutObject", Bucket="b", Key="old", Body=b"", **NONE) == ""


@pytest.mark.timed
async def test_a_slow_client_is_not_the_members_fault(tower: Tower) -> None:
    """The time-out of a member stands still while the client is waited for."""
    tower.members[0].timeouts = Timeouts(0.5, 0.5)

    async def slowly() -> AsyncIterator[bytes]:
        await asyncio.sleep(1)
        yield b"late"

    await tower.call("PutObject", Bucket="b", Key="k", Body=StreamBody(slowly()))
    assert await tower.read("b", "k") == b"late"


async def test_a_client_that_goes_away(tower: Tower) -> None:
    """What the client's own body raises comes back as it is."""

    async def gone() -> AsyncIterator[bytes]:
        yield b"some"
        raise KeyError("gone")

    with pytest.raises(KeyError):
        await tower.call("PutObject", Bucket="b", Key="k", Body=StreamBody(gone()))
