"""rclone."""

from __future__ import annotations

from pathlib import Path

from tests.clients.conftest import Shell, contents, same_files


def rclone(shell: Shell, *arguments: str) -> str:
    """Run rclone with the server as the remote ``c:``."""
    return shell.run(
        "rclone",
        *("--retries=1", "--low-level-retries=1", "--contimeout=60s", *arguments),
        RCLONE_CONFIG_C_TYPE="s3",
        RCLONE_CONFIG_C_PROVIDER="Other",
        RCLONE_CONFIG_C_ENV_AUTH="true",
        RCLONE_CONFIG_C_ENDPOINT=shell.server.url,
        RCLONE_CONFIG_C_REGION=shell.server.region,
    )


def test_sync_both_ways(shell: Shell, tree: Path, tmp_path: Path) -> None:
    """A tree of odd names is the same after a sync up and a sync down, by rclone's own check too."""
    rclone(shell, "mkdir", "c:rclone-sync")
    rclone(shell, "sync", str(tree), "c:rclone-sync/top")
    rclone(shell, "sync", "c:rclone-sync/top", str(tmp_path / "back"))
    rclone(shell, "check", str(tree), "c:rclone-sync/top")
    assert contents(tmp_path / "back") == contents(tree)


def test_copyto_and_cat(shell: Shell, tree: Path) -> None:
    """A single file is copied to a name and read back."""
    rclone(shell, "mkdir", "c:rclone-cp")
    rclone(shell, "copyto", str(tree / "with space.txt"), "c:rclone-cp/new + name %.txt")
    assert rclone(shell, "cat", "c:rclone-cp/new + name %.txt") == "content of with space.txt\n"


def test_multipart_both_ways(shell: Shell, large: Path, tmp_path: Path) -> None:
    """100 MiB go up in parts and come back the same."""
    rclone(shell, "mkdir", "c:rclone-large")
    rclone(shell, "copyto", "--s3-upload-cutoff=5M", "--s3-chunk-size=16M", str(large), "c:rclone-large/large")
    rclone(shell, "copyto", "c:rclone-large/large", str(tmp_path / "large"))
    assert same_files(large, tmp_path / "large")


def test_sync_keeps_modification_times(shell: Shell, tree: Path) -> None:
    """rclone keeps times in user metadata: both sides list the same ones, so a second sync moves nothing."""
    rclone(shell, "mkdir", "c:rclone-times")
    rclone(shell, "sync", str(tree), "c:rclone-times")
    times = ("lsf", "--recursive", "--files-only", "--format=tp")
    here, there = (rclone(shell, *times, side).splitlines() for side in (str(tree), "c:rclone-times"))
    assert sorted(here) == sorted(there)


def test_purge(shell: Shell, tree: Path) -> None:
    """A bucket is emptied and removed."""
    rclone(shell, "sync", str(tree), "c:rclone-purge")
    rclone(shell, "purge", "c:rclone-purge")
    assert "rclone-purge" not in rclone(shell, "lsd", "c:")
