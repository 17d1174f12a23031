"""What README promises of `make run`, over real HTTP: two folders behind one endpoint."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cli.command import Serving, serving

ROOT = Path(__file__).parents[2]


@contextmanager
def make_run(folder: Path) -> Iterator[Serving]:
    """`make run` in a folder of its own, with this checkout's environment as it is, on a free port."""
    for name in ("Makefile", "examples", "pyproject.toml"):
        if not (folder / name).exists():
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    if not (folder / ".venv").is_symlink():
        (folder / ".venv").symlink_to(ROOT / ".venv")
    with serving(
        program=["make", "-o", ".venv/.installed", "run"], cwd=folder, env={"VGW_PORT": "127.0.0.1:0"}
    ) as server:
        yield server


def keys(client: Any) -> list[str]:
    """The keys of the sample bucket."""
    return [entry["Key"] for entry in client.list_objects_v2(Bucket="welcome").get("Contents", [])]


def test_two_folders_behind_one_endpoint(tmp_path: Path) -> None:
    """Archived objects are listed and read, new ones are plain files in the primary, deleted ones stay deleted."""
    with make_run(tmp_path) as server:
        client = server.client()
        assert keys(client) == ["hello.txt"]
        assert b"Hello" in client.get_object(Bucket="welcome", Key="hello.txt")["Body"].read()
        client.put_object(Bucket="welcome", Key="new/file", Body=b"new")
        assert (tmp_path / "data/primary/welcome/new/file").read_bytes() == b"new"
        assert keys(client) == ["hello.txt", "new/file"]
        for key in ("hello.txt", "new/file"):
            client.delete_object(Bucket="welcome", Key=key)
            with pytest.raises(ClientError, match="NoSuchKey"):
                client.get_object(Bucket="welcome", Key=key)
        assert keys(client) == []
    assert (tmp_path / "data/archive/welcome/hello.txt").exists()
    with make_run(tmp_path) as server:
        assert keys(server.client()) == []
