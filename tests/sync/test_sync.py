"""sync, diff and verify as people run them: real processes over directories and a live server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config

from colonnade.testing import RunningServer
from colonnade.testing import server as serving
from tests.cli.command import COMMAND, colonnade
from tests.cli.command import environment as clean

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PART = os.urandom(5 * 1024**2)


def run(*words: str, home: Path) -> tuple[int, dict[str, Any]]:
    """Status and report."""
    done = colonnade(words[0], "--json", *words[1:], env={"HOME": str(home), "XDG_STATE_HOME": str(home / "state")})
    return done.returncode, json.loads(done.stdout) if done.stdout else {"error": done.stderr}


def environment(home: Path) -> dict[str, str]:
    """One in which the user's files are the test's."""
    return clean({"HOME": str(home), "XDG_STATE_HOME": str(home / "state")})


class Site:
    """A server in memory that a profile names, and a directory beside it."""

    def __init__(self, server: RunningServer, home: Path) -> None:
        self.home = home
        config = home / ".aws"
        config.mkdir()
        (config / "config").write_text(
            f"[profile site]\nendpoint_url = {server.url}\naws_access_key_id = {server.access}\n"
            f"aws_secret_access_key = {server.secret}\nregion = {server.region}\n"
        )
        self.client: S3Client = boto3.client(
            "s3", **server.boto3, config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        )
        self.client.create_bucket(Bucket="bucket")
        self.folder = home / "data" / "folder"
        self.folder.mkdir(parents=True)
        self.there = f"file://{self.folder}"

    def put(self, key: str, body: bytes = b"data", **more: Any) -> None:
        """An object at the server."""
        self.client.put_object(Bucket="bucket", Key=key, Body=body, **more)

    def sync(self, *words: str) -> tuple[int, dict[str, Any]]:
        """From the server to the directory."""
        return run("sync", *words, "s3://site/bucket", self.there, home=self.home)

    def diff(self, command: str = "diff") -> tuple[int, dict[str, Any]]:
        """Compare the two."""
        return run(command, "s3://site/bucket", self.there, home=self.home)


@pytest.fixture
def site(tmp_path: Path) -> Any:
    """A site of the test's own."""
    with serving() as server:
        yield Site(server, tmp_path)


def test_everything_comes_along(site: Site) -> None:
    """Bodies, metadata, tags and content types; then there is no difference, and nothing is copied again."""
    site.put("a", Metadata={"m": "1"}, ContentType="text/x", Tagging="t=1")
    site.put("b/c", b"")
    upload = site.client.create_multipart_upload(Bucket="bucket", Key="parts")["UploadId"]
    where: Any = {"Bucket": "bucket", "Key": "parts", "UploadId": upload}
    parts: Any = [
        {"PartNumber": n, "ETag": site.client.upload_part(**where, PartNumber=n, Body=body)["ETag"]}
        for n, body in enumerate((PART, b"tail"), 1)
    ]
    site.client.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
    status, report = site.sync()
    assert (status, report["copied"], report["failed"]) == (0, 3, 0)
    assert (site.folder / "parts").read_bytes() == PART + b"tail"
    assert json.loads(os.getxattr(site.folder / "a", "user.X-Amz-Tagging")) == {"t": "1"}
    assert [site.diff(command)[0] for command in ("diff", "verify")] == [0, 0]
    assert site.sync()[1]["same"] == 3


def test_what_differs_is_told(site: Site) -> None:
    """Missing, surplus and changed keys, by name; equal sizes don't hide a change."""
    site.put("only here")
    site.put("changed", b"one")
    (site.folder / "changed").write_bytes(b"two")
    (site.folder / "only there").write_bytes(b"x")
    status, report = site.diff()
    told = {key["key"]: key["what"] for key in report["keys"]}
    assert status == 1
    assert told == {"only here": "only in the source", "changed": "differs", "only there": "only in the target"}


@pytest.mark.parametrize("later", [0, 5])
def test_what_is_newer_stays(site: Site, later: int) -> None:
    """A target changed later, or within the same second, is left as it is and told, unless forced."""
    site.put("k", b"old")
    written = site.client.head_object(Bucket="bucket", Key="k")["LastModified"].timestamp()
    (site.folder / "k").write_bytes(b"new")
    os.utime(site.folder / "k", (written + later, written + later))
    status, report = site.sync()
    assert (status, report["newer_in_target"], (site.folder / "k").read_bytes()) == (1, 1, b"new")
    assert site.sync("--force")[0] == 0
    assert (site.folder / "k").read_bytes() == b"old"


def test_patterns_dry_runs_and_deletes(site: Site) -> None:
    """Only what is asked for, and nothing at all in a dry run."""
    for key in ("a.txt", "b.txt", "c.bin"):
        site.put(key)
    (site.folder / "surplus.txt").write_bytes(b"x")
    words = ("--include", "*.txt", "--exclude", "b*", "--delete")
    _, dry = site.sync("--dry-run", *words)
    assert (dry["copied"], dry["deleted"], sorted(os.listdir(site.folder))) == (1, 1, ["surplus.txt"])
    site.sync(*words)
    assert [name for name in os.listdir(site.folder) if not name.startswith(".")] == ["a.txt"]


def test_killed_and_run_again(site: Site, tmp_path: Path) -> None:
    """However often it is killed, the same command goes on, and in the end all is there."""
    for number in range(300):
        site.put(f"{number:03}", os.urandom(20_000))
    words = (COMMAND, "sync", "--bwlimit", "8M", "s3://site/bucket", site.there)
    for _ in range(5):
        before = len(os.listdir(site.folder))
        began = subprocess.Popen(words, env=environment(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while len(os.listdir(site.folder)) < before + 20 and began.poll() is None:
            time.sleep(0.02)
        began.send_signal(signal.SIGKILL)
        began.wait()
    status, report = site.sync()
    assert status == 0
    assert report["looked_at"] < 300, "it went on where it was"
    assert site.diff("verify")[0] == 0


@pytest.mark.parametrize(
    "words",
    [["one"], ["nowhere/b", "file:///x"], ["s3://nobody/b", "file:///x"], ["file:///no/such/dir", "s3://site/b"]],
)
def test_mistakes(site: Site, words: list[str]) -> None:
    """A place that is none is trouble, in one line that says what is allowed."""
    status, report = run("sync", *words, home=site.home)
    assert status == 2
    assert report["error"].startswith("colonnade: sync: ")
