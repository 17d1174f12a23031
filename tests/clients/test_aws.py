"""The AWS command line."""

from __future__ import annotations

from pathlib import Path

from tests.clients.conftest import Shell, contents, same_files


def test_cp_both_ways(shell: Shell, tmp_path: Path) -> None:
    """A file goes up and comes down as it was."""
    shell.run("aws", "s3", "mb", "s3://aws-cp")
    (tmp_path / "up").write_bytes(b"hello")
    shell.run("aws", "s3", "cp", str(tmp_path / "up"), "s3://aws-cp/a b+c%.txt")
    shell.run("aws", "s3", "cp", "s3://aws-cp/a b+c%.txt", str(tmp_path / "down"))
    assert (tmp_path / "down").read_bytes() == b"hello"


def test_sync_both_ways(shell: Shell, tree: Path, tmp_path: Path) -> None:
    """A tree of odd names is the same after a sync up and a sync down."""
    shell.run("aws", "s3", "mb", "s3://aws-sync")
    shell.run("aws", "s3", "sync", str(tree), "s3://aws-sync/top")
    shell.run("aws", "s3", "sync", "s3://aws-sync/top", str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(tree)
    assert shell.run("aws", "s3", "sync", str(tree), "s3://aws-sync/top") == ""


def test_multipart_both_ways(shell: Shell, large: Path, tmp_path: Path) -> None:
    """100 MiB go up in parts at once, and come down in ranges."""
    shell.run("aws", "s3", "mb", "s3://aws-large")
    shell.run("aws", "s3", "cp", "--quiet", str(large), "s3://aws-large/large.bin")
    shell.run("aws", "s3", "cp", "--quiet", "s3://aws-large/large.bin", str(tmp_path / "large"))
    assert same_files(large, tmp_path / "large")


def test_presigned_url_with_curl(shell: Shell, tmp_path: Path) -> None:
    """A URL that the client presigns is good for anybody."""
    shell.run("aws", "s3", "mb", "s3://aws-presign")
    # Unless told, version 1 of this client still presigns with SigV2 in us-east-1, which nobody takes any more.
    shell.run("aws", "configure", "set", "default.s3.signature_version", "s3v4")
    (tmp_path / "file").write_text("signed")
    shell.run("aws", "s3", "cp", str(tmp_path / "file"), "s3://aws-presign/odd +%é name")
    url = shell.run("aws", "s3", "presign", "s3://aws-presign/odd +%é name").strip()
    assert shell.run("curl", "--fail", "--silent", url) == "signed"


def test_rm_and_rb(shell: Shell, tree: Path) -> None:
    """Everything below a prefix is removed, then the bucket."""
    shell.run("aws", "s3", "mb", "s3://aws-rm")
    shell.run("aws", "s3", "cp", "--recursive", "--quiet", str(tree), "s3://aws-rm/")
    shell.run("aws", "s3", "rm", "--recursive", "s3://aws-rm")
    shell.run("aws", "s3", "rb", "s3://aws-rm")
    assert "aws-rm" not in shell.run("aws", "s3", "ls")
