"""Bucket configurations and locks through the programs people set them with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.clients.conftest import Shell
from tests.clients.test_rclone import rclone
from tests.clients.test_s3cmd import s3cmd

CORS = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://*.example"], "MaxAgeSeconds": 60}]}


def api(shell: Shell, operation: str, *arguments: str) -> dict[str, object]:
    """What an operation of the AWS command line answers."""
    printed = shell.run("aws", "s3api", operation, *arguments)
    answer: dict[str, object] = json.loads(printed) if printed else {}
    return answer


def test_aws_sets_cors(shell: Shell) -> None:
    """The configuration comes back as it was given, and curl is answered by it."""
    shell.run("aws", "s3", "mb", "s3://conf-cors")
    api(shell, "put-bucket-cors", "--bucket", "conf-cors", "--cors-configuration", json.dumps(CORS))
    assert api(shell, "get-bucket-cors", "--bucket", "conf-cors") == CORS
    asked = ["-H", "Origin: https://a.example", "-H", "Access-Control-Request-Method: GET"]
    url = f"{shell.server.url}/conf-cors/k"
    assert "access-control-max-age: 60" in shell.run("curl", "-s", "-i", "-X", "OPTIONS", *asked, url)


def test_s3cmd_sets_cors(shell: Shell, tmp_path: Path) -> None:
    """Its document, written by hand, is taken, and taken away again."""
    shell.run("aws", "s3", "mb", "s3://conf-s3cmd")
    rule = "<AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>"
    (tmp_path / "cors.xml").write_text(f"<CORSConfiguration>\n<CORSRule>{rule}</CORSRule>\n</CORSConfiguration>\n")
    s3cmd(shell, "setcors", str(tmp_path / "cors.xml"), "s3://conf-s3cmd")
    assert "<AllowedOrigin>*</AllowedOrigin>" in s3cmd(shell, "info", "s3://conf-s3cmd")
    s3cmd(shell, "delcors", "s3://conf-s3cmd")


@pytest.fixture
def locked(shell: Shell, tmp_path: Path) -> str:
    """A bucket whose objects are retained in governance mode, and a file to put there."""
    name = f"conf-{tmp_path.name.replace('_', '-')}"[:60].rstrip("-")
    api(shell, "create-bucket", "--bucket", name, "--object-lock-enabled-for-bucket")
    lock = "ObjectLockEnabled=Enabled,Rule={DefaultRetention={Mode=GOVERNANCE,Days=1}}"
    api(shell, "put-object-lock-configuration", "--bucket", name, "--object-lock-configuration", lock)
    (tmp_path / "file").write_text("to stay")
    return name


def test_aws_keeps_and_bypasses(shell: Shell, locked: str, tmp_path: Path) -> None:
    """What it uploads is retained; it removes the version with the header alone."""
    shell.run("aws", "s3", "cp", str(tmp_path / "file"), f"s3://{locked}/k")
    where = ["--bucket", locked, "--key", "k"]
    assert "GOVERNANCE" in json.dumps(api(shell, "get-object-retention", *where))
    version = str(api(shell, "head-object", *where).get("VersionId", "null"))
    with pytest.raises(AssertionError, match="AccessDenied"):
        api(shell, "delete-object", *where, "--version-id", version)
    api(shell, "delete-object", *where, "--version-id", version, "--bypass-governance-retention")
    with pytest.raises(AssertionError, match="404"):
        api(shell, "head-object", *where)


def test_rclone_uploads_into_a_locked_bucket(shell: Shell, locked: str, tmp_path: Path) -> None:
    """It says what its bodies sum to, as such buckets demand."""
    # The bucket's owner owns everything in it, as in any new one: this rclone can't but ask for an ACL, so for that.
    owned = "--s3-acl=bucket-owner-full-control"
    rclone(shell, "copyto", str(tmp_path / "file"), f"c:{locked}/k", "--s3-no-check-bucket", owned)
    assert rclone(shell, "cat", f"c:{locked}/k") == "to stay"
