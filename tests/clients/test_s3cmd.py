"""s3cmd."""

from __future__ import annotations

from pathlib import Path

from tests.clients.conftest import Shell, contents, same_files


def s3cmd(shell: Shell, *arguments: str) -> str:
    """Run s3cmd against the server."""
    host = shell.server.url.removeprefix("http://")
    configuration = shell.home / "s3cfg"
    configuration.write_text(
        f"[default]\nhost_base = {host}\nhost_bucket = {host}\nuse_https = False\nmax_retries = 0\n"
        f"access_key = {shell.server.access}\nsecret_key = {shell.server.secret}\n"
        f"bucket_location = {shell.server.region}\n"
    )
    return shell.run("s3cmd", f"--config={configuration}", "--no-progress", *arguments)


def test_put_and_get(shell: Shell, tmp_path: Path) -> None:
    """A file goes up and comes down as it was."""
    s3cmd(shell, "mb", "s3://s3cmd-cp")
    (tmp_path / "up").write_bytes(b"hello")
    s3cmd(shell, "put", str(tmp_path / "up"), "s3://s3cmd-cp/a b+c%.txt")
    s3cmd(shell, "get", "s3://s3cmd-cp/a b+c%.txt", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == b"hello"


def test_sync_both_ways(shell: Shell, tree: Path, tmp_path: Path) -> None:
    """A tree of odd names is the same after a sync up and a sync down."""
    s3cmd(shell, "mb", "s3://s3cmd-sync")
    s3cmd(shell, "sync", f"{tree}/", "s3://s3cmd-sync/top/")
    (tmp_path / "back").mkdir()
    s3cmd(shell, "sync", "s3://s3cmd-sync/top/", f"{tmp_path}/back/")
    assert contents(tmp_path / "back") == contents(tree)


def test_multipart_both_ways(shell: Shell, large: Path, tmp_path: Path) -> None:
    """100 MiB go up in parts and come back the same."""
    s3cmd(shell, "mb", "s3://s3cmd-large")
    s3cmd(shell, "put", "--multipart-chunk-size-mb=16", str(large), "s3://s3cmd-large/large")
    s3cmd(shell, "get", "s3://s3cmd-large/large", str(tmp_path / "large"))
    assert same_files(large, tmp_path / "large")


def test_rm_and_rb(shell: Shell, tree: Path) -> None:
    """Everything is removed, then the bucket."""
    s3cmd(shell, "mb", "s3://s3cmd-rm")
    s3cmd(shell, "put", "--recursive", f"{tree}/", "s3://s3cmd-rm/")
    s3cmd(shell, "rm", "--recursive", "--force", "s3://s3cmd-rm/")
    s3cmd(shell, "rb", "s3://s3cmd-rm")
    assert "s3cmd-rm" not in s3cmd(shell, "ls")
