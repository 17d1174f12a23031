"""Directories as layers of one endpoint, beside the same directory alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.servers import ACCESS, SECRET
from colonnade.app import Gateway
from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.iam.single import SingleAccount
from colonnade.multi import Member, Overlay, Role


def gateway(directories: Sequence[Path]) -> Callable[[], Gateway]:
    """A gateway over directories as one, the first the primary."""

    def make() -> Gateway:
        members = [
            Member(path.name, _directory(path), Role.FALLBACK if place else Role.PRIMARY)
            for place, path in enumerate(directories)
        ]
        return Gateway(Overlay(members), SingleAccount(ACCESS, SECRET))

    return make


def fill(directories: Sequence[Path], bucket: str) -> None:
    """A thousand keys spread over all of them, and a thousand more in each but the first, between those of "many/"."""
    asyncio.run(_fill(directories, bucket))


async def _fill(directories: Sequence[Path], bucket: str) -> None:
    backends = [_directory(path) for path in directories]
    for place, backend in enumerate(backends):
        await backend.start()
        if place:
            await backend.call("CreateBucket", {"Bucket": bucket})
        keys = [f"spread/k{number:03}" for number in range(place, 1000, len(backends))]
        keys += [f"many/k{number:03}-{place}" for number in range(1000)] if place else []
        for key in keys:
            await backend.call("PutObject", {"Bucket": bucket, "Key": key, "Body": b"x"})
        await backend.close()


def _directory(path: Path) -> Backend:
    return load("posix", {"path": str(path), "fsync": False})
