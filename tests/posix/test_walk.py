"""The walk of a directory tree, against its keys sorted in memory."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade import ticks
from colonnade.backends.posix import snapshots
from colonnade.backends.posix.snapshots import Snapshots, hidden
from colonnade.backends.posix.walk import Walk
from colonnade.rules.listing import list_objects_v2
from colonnade.rules.pages import each

NAMES = st.text("ab-0\ue000é", min_size=1, max_size=2)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
KEYS = st.sets(st.tuples(PATHS, st.sampled_from(["", "/"])).map("".join), max_size=12)


def plant(root: str, keys: set[str]) -> set[str]:
    """Make what can be made of these keys as files and directory objects, and say what they became."""
    made = set()
    for key in sorted(keys):
        path = f"{root}/{key}"
        try:
            os.makedirs(path if key.endswith("/") else os.path.dirname(path), exist_ok=True)
            if key.endswith("/"):
                os.setxattr(path, "user.etag", b"x")
            else:
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue  # a file stands where a directory should
        made.add(key)
    return made


def is_object(path: str) -> bool:
    """Whether a directory has an ETag."""
    return "user.etag" in os.listxattr(path)


def walk(root: str | Path, prefix: str = "", delimiter: str = "", kept: Snapshots | None = None) -> Walk:
    """A walk through `root`."""
    return Walk(str(root), kept or Snapshots(), prefix=prefix, delimiter=delimiter, is_object=is_object)


@settings(deadline=None)
@given(KEYS, st.text("ab-/", max_size=3), st.sampled_from(["", "/", "a", "a/"]), st.integers(1, 4))
def test_pages_are_the_sorted_listing(keys: set[str], prefix: str, delimiter: str, limit: int) -> None:
    """Page by page, a tree lists as its keys do, whatever the prefix and the delimiter."""
    with tempfile.TemporaryDirectory() as root:
        made, got = plant(root, keys), []
        arguments: dict[str, Any] = {
            "Bucket": "b",
            "Prefix": prefix,
            "Delimiter": delimiter,
            "MaxKeys": limit,
        }
        while True:
            answer = list_objects_v2(arguments, walk(root, prefix, delimiter), each(lambda key, _: {"Key": key}))
            page = [row["Key"] for row in answer.get("Contents", ())]
            page += [row["Prefix"] for row in answer.get("CommonPrefixes", ())]
            got += sorted(page)
            if not answer["IsTruncated"]:
                break
            arguments["ContinuationToken"] = answer["NextContinuationToken"]
    assert got == expected(made, prefix, delimiter)


def expected(keys: set[str], prefix: str, delimiter: str) -> list[str]:
    """Keys and common prefixes in order, each once."""
    rows = set()
    for key in keys:
        if key.startswith(prefix):
            head, found, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
            rows.add(prefix + head + found if found else key)
    return sorted(rows)


@settings(deadline=None)
@given(KEYS, st.lists(PATHS, max_size=4))
def test_seeking(keys: set[str], starts: list[str]) -> None:
    """After a leap the first key not less than its target comes next."""
    with tempfile.TemporaryDirectory() as root:
        made, cursor = sorted(plant(root, keys)), walk(root)
        for start in sorted(starts):
            cursor.seek(start)
        assert [key for key, _ in cursor] == [key for key in made if not starts or key >= max(starts)]


def test_a_common_prefix_needs_a_key(tmp_path: Path) -> None:
    """Empty directories, and those with nothing but such, are no common prefixes."""
    (tmp_path / "empty/nested").mkdir(parents=True)
    (tmp_path / "full/nested").mkdir(parents=True)
    (tmp_path / "full/nested/key").touch()
    assert [key for key, _ in walk(tmp_path, delimiter="/")] == ["full/"]


def test_only_needed_directories_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a prefix, nothing above or beside the directory it names is read."""
    for name in ("a/x/1", "a/y/2", "b/3"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    seen: list[str] = []
    real = snapshots.read

    def spy(path: str) -> snapshots.Names:
        seen.append(path)
        return real(path)

    monkeypatch.setattr(snapshots, "read", spy)
    assert [key for key, _ in walk(tmp_path, "a/x/")] == ["a/x/1"]
    assert seen == [f"{tmp_path}/a/x"]


@pytest.mark.parametrize("prefix", ["../", "./", "a/../", "//", ".sgwtmp/", "linked/", "nothing/", "a\0/"])
def test_prefixes_that_lead_nowhere(tmp_path: Path, prefix: str) -> None:
    """A prefix never leads out of the bucket, into the work area or through a link."""
    for name in (".sgwtmp/key", "a/key"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    (tmp_path / "linked").symlink_to("a")
    assert [key for key, _ in walk(tmp_path, prefix)] == []


def test_names_that_are_no_keys(tmp_path: Path) -> None:
    """Work areas at any depth, temporary names, pipes and names that aren't UTF-8 are left out."""
    for name in (".sgwtmp/1", "a/.sgwtmp/2", ".x.sgwtmp.17", ".x.sgwtmp.y", ".dot", "x.sgwtmp.17"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff", os.O_CREAT | os.O_WRONLY))
    os.mkfifo(tmp_path / "pipe")
    assert [key for key, _ in walk(tmp_path)] == [".dot", ".x.sgwtmp.y", "x.sgwtmp.17"]


@pytest.mark.parametrize(("name", "expected"), [(b".sgwtmp", True), (b".a.sgwtmp.1", True), (b"..sgwtmp.1", False)])
def test_hidden(name: bytes, expected: bool) -> None:
    """Only the two forms of temporary names are hidden, other dot-files are objects."""
    assert hidden(name) is expected


def test_a_snapshot_is_kept_until_the_directory_changes(tmp_path: Path) -> None:
    """A directory that hasn't changed for a while is read once; a new name in it is seen at once."""
    kept = Snapshots()
    (tmp_path / "a").touch()
    time.sleep(0.15)
    first = kept.get(str(tmp_path))
    assert kept.get(str(tmp_path)) is first
    (tmp_path / "b").touch()
    assert len(kept.get(str(tmp_path))) == 2


def test_a_directory_that_just_changed_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one tick of the clock a second change would leave no trace."""
    monkeypatch.setattr(ticks, "TICK", 60_000_000_000)
    kept = Snapshots()
    (tmp_path / "a").touch()
    assert kept.get(str(tmp_path)) is not kept.get(str(tmp_path))


def test_setting_the_time_back_deceives_nobody(tmp_path: Path) -> None:
    """Programs that restore a directory's modification time still move its change time."""
    kept, old = Snapshots(), 1_000_000_000_500_000_000
    os.utime(tmp_path, ns=(old, old))
    time.sleep(0.15)
    assert len(kept.get(str(tmp_path))) == 0
    (tmp_path / "a").touch()
    os.utime(tmp_path, ns=(old, old))
    assert len(kept.get(str(tmp_path))) == 1


def test_snapshots_stay_within_their_budget(tmp_path: Path) -> None:
    """The directory that was used longest ago goes first; one that is larger than all is not kept."""
    for name in "xyz":
        (tmp_path / name).mkdir()
    time.sleep(0.15)
    kept = Snapshots(budget=900)
    x, y = kept.get(f"{tmp_path}/x"), kept.get(f"{tmp_path}/y")
    assert kept.get(f"{tmp_path}/x") is x
    kept.get(f"{tmp_path}/z")
    assert kept.get(f"{tmp_path}/y") is not y
