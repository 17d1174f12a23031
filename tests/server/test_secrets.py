"""What the process ever wrote, to logs, to clients or to disk, holds no secret."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

import colonnade.testing
from colonnade.testing import Endpoint
from tests.cli.command import COMMAND, environment
from tests.conformance.raw import Raw

#: Every one has letters that are encoded in URLs, in XML and in JSON.
ROOT, ALICE, MADE, CHANGED, UPSTREAM, ACCOUNTS = (f'{name}/secret+"{name}' for name in ("r", "a", "m", "c", "u", "i"))


def spellings(secret: str) -> set[str]:
    """How a secret may stand in a text; of base64 what doesn't depend on what stands before it."""
    inside = {base64.b64encode(b"x" * shift + secret.encode())[4:-4].decode() for shift in range(3)}
    return {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], secret.replace('"', "&quot;"), *inside}


@contextmanager
def serving(tmp_path: Path, *words: str | Path) -> Iterator[tuple[str, IO[str]]]:
    """A server that logs all it can, and where its log is. Its address and the log, to be read once it has ended."""
    command: list[str | Path] = [
        COMMAND,
        "--debug",
        "--port",
        "127.0.0.1:0",
        "--workers",
        "1",
        "--access",
        "root",
        "--secret",
        ROOT,
    ]
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen([*command, *words], env=environment(), cwd=tmp_path, stdout=log, stderr=log)
        try:
            while not (found := re.search(r"serves S3 at (\S+)", (tmp_path / "log").read_text())):
                assert process.poll() is None, (tmp_path / "log").read_text()
            yield found[1], log
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def client(url: str, access: str, secret: str) -> Any:
    """boto3, each request sent once."""
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4")
    keys = {"aws_access_key_id": access, "aws_secret_access_key": secret}
    return boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=config, **keys)


class Said:
    """What clients were told."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.codes: set[str] = set()

    def ask(self, call: Any, **arguments: Any) -> None:
        """Call, and keep what came back."""
        try:
            self.texts.append(repr(call(**arguments)))
        except ClientError as error:
            self.texts.append(repr(error.response))
            self.codes.add(error.response["Error"]["Code"])

    def keep(self, status: int, body: bytes) -> None:
        """Keep an answer."""
        self.texts.append(body.decode("utf-8", "replace"))
        self.codes |= set(re.findall("<Code>(.*?)</Code>", self.texts[-1])) | {str(status)}


def everything(said: Said, log: Path, *directories: Path) -> str:
    """All that was written: answers, the log, and files but those that are to hold secrets."""
    files = [file for top in directories for file in top.rglob("*") if file.is_file() and file.name[:5] != "users"]
    return "\n".join([*said.texts, log.read_text(), *(file.read_bytes().decode("latin-1") for file in files)])


def assert_none(text: str, *secrets: str) -> None:
    """None of the secrets, in no spelling."""
    for secret in secrets:
        assert [spelling for spelling in spellings(secret) if spelling in text] == []


def misuse(said: Said, url: str, data: Path) -> list[str]:
    """Sign well, badly and with a broken bucket; returns the signatures of presigned requests that were good."""
    alice, raw = client(url, "alice", ALICE), Raw(Endpoint(url, "alice", ALICE, "us-east-1"))
    said.ask(alice.create_bucket, Bucket="bucket")
    said.ask(alice.put_object, Bucket="bucket", Key="k", Body=b"x")
    for access, secret in (("alice", ROOT), ("alice", f"{ALICE}x"), ("nobody", ALICE)):
        said.ask(client(url, access, secret).get_object, Bucket="bucket", Key="k")
    for header in (f"AWS4-HMAC-SHA256 Credential=alice/{ALICE}", "AWS alice:x", "Basic eA==", "AWS4-HMAC-SHA256 x"):
        reply = raw.unsigned("GET", "/bucket/k", headers={"Authorization": header.replace(ALICE, "x")})
        said.keep(reply.status, reply.body)
    signed = [alice.generate_presigned_url(name, Params={"Bucket": "bucket", "Key": "k"}) for name in ("get_object",)]
    for address in (*signed, f"{signed[0]}0", signed[0].replace("Expires=3600", "Expires=1")):
        got = urllib3.request("GET", address)
        said.keep(got.status, got.data)
    for change in ({}, {"x-amz-signature": "0" * 64}, {"policy": "e30="}):
        form = alice.generate_presigned_post("bucket", "form")
        fields = {**form["fields"], **change, "file": ("file", b"x")}
        got = urllib3.request("POST", form["url"], fields=fields)
        said.keep(got.status, got.data)
    os.setxattr(data / "bucket", "user.acl", b"{broken")
    time.sleep(0.1)  # what is done behind the gateway's back is seen in a moment
    said.ask(alice.list_objects_v2, Bucket="bucket")
    return [re.search("Signature=([0-9a-f]+)", address)[1] for address in signed]  # type: ignore[index]


def administer(said: Said, url: str) -> None:
    """Make and change accounts, well and badly."""
    root = Raw(Endpoint(url, "root", ROOT, "us-east-1"))
    account = "<Account><Access>made</Access><Secret>{}</Secret><Role>{}</Role></Account>"
    bodies = [account.format(escape(MADE), role) for role in ("user", "user", "king")]
    bodies.append(bodies[0].removesuffix("</Account>"))
    for body in bodies:
        reply = root("PATCH", "/create-user", body.encode())
        said.keep(reply.status, reply.body)
    for access in ("made", "nobody"):
        body = f"<MutableProps><Secret>{escape(CHANGED)}</Secret></MutableProps>"
        reply = root("PATCH", f"/update-user?access={access}", body.encode())
        said.keep(reply.status, reply.body)


def test_of_a_served_directory(tmp_path: Path) -> None:
    """Whatever is asked, and though a bucket's attributes are broken."""
    data, iam, said = tmp_path / "data", tmp_path / "iam", Said()
    data.mkdir()
    iam.mkdir(mode=0o700)
    rows = {
        "alice": {"access": "alice", "secret": ALICE, "role": "userplus"},
        "broken": {"access": "broken", "secret": UPSTREAM, "role": "king"},
    }
    (iam / "users.json").write_text(json.dumps({"accessAccounts": rows}))
    (iam / "users.json").chmod(0o600)
    with serving(tmp_path, "--iam-dir", iam, "posix", data) as (url, _):
        administer(said, url)
        signatures = misuse(said, url, data)
    text = everything(said, tmp_path / "log", data, iam)
    assert {"SignatureDoesNotMatch", "InvalidAccessKeyId", "InternalError", "XAdminUserExists", "201"} <= said.codes
    assert "Traceback" in text
    assert "'broken' can't be read" in text
    assert_none(text, ROOT, ALICE, MADE, CHANGED, UPSTREAM)
    # Who has the signature of a presigned request can send it: S3 tells it to whoever sent it, and logs to nobody.
    assert_none((tmp_path / "log").read_text(), *signatures)


@pytest.mark.parametrize("up", [True, False])
def test_of_other_services_behind(tmp_path: Path, up: bool) -> None:
    """For the data and for the accounts, which take our keys or can't be reached."""
    said = Said()
    with colonnade.testing.server() as there:
        url = there.url if up else "http://127.0.0.1:9"
        accounts = ["--s3-iam-endpoint", url, "--s3-iam-bucket", "accounts", "--s3-iam-access", "iam"]
        behind = ["s3", "--endpoint", url, "--access", "up", "--secret", UPSTREAM, "--debug"]
        with serving(tmp_path, *accounts, "--s3-iam-secret", ACCOUNTS, *behind) as (url, _):
            for access, secret in (("root", ROOT), ("alice", ALICE)):
                said.ask(client(url, access, secret).list_buckets)
                said.ask(client(url, access, secret).put_object, Bucket="bucket", Key="k", Body=b"x")
    text = everything(said, tmp_path / "log")
    assert "accounts can't be asked for" in text
    assert_none(text, ROOT, ALICE, UPSTREAM, ACCOUNTS)
