"""Members that can't be started when the gateway is."""

from __future__ import annotations

import asyncio

import pytest

from colonnade.backends import load
from colonnade.errors import S3Error
from colonnade.multi import Member, Overlay, Role, members


class Late:
    """Makes a backend fail to start as often as told."""

    def __init__(self, failures: int) -> None:
        self.backend = load("memory", {})
        self.start = self.backend.start
        self.left = failures
        self.backend.start = self.fail  # type: ignore[method-assign]

    async def fail(self) -> None:
        """Fail, then start."""
        self.left -= 1
        if self.left >= 0:
            raise ConnectionRefusedError("not yet")
        await self.start()


def overlay(late: Late) -> Overlay:
    """A primary over a member that starts late."""
    return Overlay([Member("primary", load("memory", {}), Role.PRIMARY), Member("late", late.backend)])


async def test_the_others_are_served() -> None:
    """What the primary has is read while a member can't be started; what it lacks is 503, not 404."""
    several = overlay(Late(99))
    await several.start()
    await several.layers.primary.backend.call("CreateBucket", {"Bucket": "bucket"})
    await several.layers.primary.backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": b"x"})
    assert (await several.call("GetObject", {"Bucket": "bucket", "Key": "k"}))["ContentLength"] == 1
    with pytest.raises(S3Error, match="ServiceUnavailable"):
        await several.call("GetObject", {"Bucket": "bucket", "Key": "other"})


async def test_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it can be started it is asked like the others."""
    monkeypatch.setattr(members, "RESTART", 0.01)
    late = Late(2)
    several = overlay(late)
    await several.start()
    await several.layers.primary.backend.call("CreateBucket", {"Bucket": "bucket"})
    codes = []
    for _ in range(3):
        await asyncio.sleep(0.02)
        with pytest.raises(S3Error) as caught:
            await several.call("GetObject", {"Bucket": "bucket", "Key": "k"})
        codes.append(caught.value.code)
    assert codes == ["ServiceUnavailable", "NoSuchKey", "NoSuchKey"]
