"""Durable uploads come to the disk while they come in; what isn't flushed isn't begun either."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from colonnade.backends.posix import from_options, writeback
from colonnade.body import Body

MIB = 1024 * 1024


class Pieces(Body):
    """A body that comes MiB by MiB."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range((self.length or 0) // MIB):
            yield b"x" * MIB


@pytest.mark.parametrize(
    ("fsync", "size", "begun"), [(True, 20 * MIB, True), (True, 7 * MIB, False), (False, 20 * MIB, False)]
)
async def test_what_is_begun(root: Path, monkeypatch: pytest.MonkeyPatch, fsync: bool, size: int, begun: bool) -> None:
    """Step by step from the first byte on, without a gap."""
    asked: list[tuple[int, int]] = []
    begin = writeback._sync_file_range
    assert begin is not None

    def record(fd: int, offset: int, length: int, flags: int) -> int:
        asked.append((offset, length))
        result = int(begin(fd, offset, length, flags))
        assert result == 0
        return result

    monkeypatch.setattr(writeback, "_sync_file_range", record)
    backend = from_options({"path": str(root), "fsync": fsync})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": Pieces(size)})
    await backend.close()
    assert (len(asked) > 1) == begun
    assert all(before[0] + before[1] == after[0] for before, after in pairwise(asked))
    assert sum(length for _, length in asked) > (size - writeback.STEP if begun else -1)
