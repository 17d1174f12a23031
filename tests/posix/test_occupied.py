"""Whether a directory that is rolled up holds any key: what is remembered of that is true of the directory as it is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from colonnade.backends.posix.occupied import Occupied


@pytest.fixture
def occupied() -> Occupied:
    """What remembers."""
    return Occupied()


def never(path: str) -> bool:
    """No directory is a key."""
    return False


def age(path: Path) -> None:
    """Wait until a directory's times are well past."""
    while time.time_ns() - os.stat(path).st_ctime_ns < 200_000_000:
        time.sleep(0.05)


def test_a_directory_with_a_file_is_looked_into_once(
    occupied: Occupied, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as its times stand, and they were well past."""
    (tmp_path / "k").touch()
    age(tmp_path)
    assert occupied.holds(str(tmp_path), never)
    monkeypatch.setattr(os, "scandir", lambda path: pytest.fail("looked into again"))
    assert occupied.holds(str(tmp_path), never)


def test_the_last_file_that_goes_is_missed(occupied: Occupied, tmp_path: Path) -> None:
    """Whether it was remembered or too young for that."""
    for wait in (False, True):
        (tmp_path / "k").touch()
        if wait:
            age(tmp_path)
        assert occupied.holds(str(tmp_path), never)
        (tmp_path / "k").unlink()
        assert not occupied.holds(str(tmp_path), never)


def test_a_file_that_becomes_a_delete_marker_is_missed(occupied: Occupied, tmp_path: Path) -> None:
    """That moves no time of the directory."""
    (tmp_path / "k").touch()
    age(tmp_path)
    assert occupied.holds(str(tmp_path), never, lambda path: False)
    assert not occupied.holds(str(tmp_path), never, lambda path: True)


def test_a_directory_below_that_is_emptied_is_missed(occupied: Occupied, tmp_path: Path) -> None:
    """Only of files right in it a directory's times tell."""
    (tmp_path / "d").mkdir()
    (tmp_path / "d/k").touch()
    age(tmp_path)
    assert occupied.holds(str(tmp_path), never)
    (tmp_path / "d/k").unlink()
    assert not occupied.holds(str(tmp_path), never)
