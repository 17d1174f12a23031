"""No secret is in anything that the process ever wrote: logs, stderr in debug, refusals, tracebacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from colonnade.admin.client import AdminClient, RefusedError
from colonnade.testing import Endpoint
from tests.cli.command import Serving, serving
from tests.conformance.raw import Raw

ROOT, ALICE, CHANGED = "root-secret-4f1c", "alice-secret-9b7e", "changed-secret-2d60"
ROOT_KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": ROOT}
MADE = f"<Account><Access>alice</Access><Secret>{ALICE}</Secret><Role>user</Role></Account>".encode()


@dataclass
class Watched:
    """A server in debug with all its logs, and what it answered."""

    server: Serving
    folder: Path
    answers: list[bytes] = field(default_factory=list)

    def ask(self, secret: str, method: str, path: str, body: bytes = b"") -> None:
        """A request of alice's, whatever comes of it."""
        raw = Raw(Endpoint(self.server.url, "alice", secret, "us-east-1"))
        self.answers.append(raw(method, path, body).body)

    def admin(self, path: str, body: bytes) -> None:
        """A request of root's to the administrator's API, whatever comes of it."""
        try:
            self.answers.append(AdminClient(self.server.url, "rootaccess", ROOT).send(path, body=body))
        except RefusedError as error:
            self.answers.append(str(error).encode())

    def written(self) -> bytes:
        """Stop it; all it ever wrote."""
        said = self.server.stop().encode()
        logs = [(self.folder / name).read_bytes() for name in ("s3.log", "admin.log")]
        assert b"rootaccess" in logs[0]
        return b"".join([said, *logs, *self.answers])


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    """One with accounts."""
    (tmp_path / "iam").mkdir()
    (tmp_path / "data").mkdir()
    logs = ["--access-log", f"{tmp_path}/s3.log", "--admin-access-log", f"{tmp_path}/admin.log"]
    iam: list[str | Path] = ["--iam-debug", "--iam-dir", tmp_path / "iam"]
    with serving("--debug", *logs, *iam, "posix", tmp_path / "data", env=ROOT_KEYS) as server:
        yield Watched(server, tmp_path)


def test_no_secret_is_ever_written(watched: Watched) -> None:
    """Whatever is asked, rightly or wrongly, and with accounts that can't be read any more."""
    for body in (MADE, MADE, MADE[:-5], MADE.replace(b"alice<", b"<"), MADE.replace(b"Role>", b"Rule>")):
        watched.admin("/create-user", body)
    for method, path in (("GET", "/"), ("PUT", "/new"), ("PATCH", "/list-users"), ("GET", "/none/key?policy")):
        watched.ask(ALICE, method, path, b"body")
        watched.ask("guessed", method, path)
    watched.admin("/update-user?access=alice", f"<MutableProps><Secret>{CHANGED}</Secret></MutableProps>".encode())
    watched.ask(ALICE, "GET", "/")
    for name in ("b" * 99, "bucket"):
        with pytest.raises(ClientError) as refused:
            watched.server.client().get_object(Bucket=name, Key="k")
        watched.answers.append(str(refused.value).encode())
    (watched.folder / "iam" / "users.json").write_text(f'{{"accessAccounts": {{"alice": {{"secret": "{CHANGED}"')
    watched.admin("/create-user", MADE)
    watched.ask(CHANGED, "GET", "/")
    written = watched.written()
    for secret in (ROOT, ALICE, CHANGED):
        assert secret.encode() not in written


def test_no_url_that_is_good_for_long_is_written(watched: Watched) -> None:
    """A presigned one opens what it names to whoever reads it."""
    client = watched.server.client(signature_version="s3v4")
    client.create_bucket(Bucket="bucket")
    url = str(client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k"}))
    raw = Raw(Endpoint(watched.server.url, "", "", ""))
    encoded = quote(url, safe="")
    inside = [f"http://page/{where}{encoded}" for where in ("?back=", "?", "go/")]
    for sent in ({}, {"User-Agent": f"x {url}"}, *({"Referer": each} for each in (url, *inside))):
        watched.answers.append(raw.unsigned("GET", url.removeprefix(watched.server.url), headers=sent).body)
        watched.answers.append(raw.unsigned("GET", f"/bucket/k?{encoded}", headers=sent).body)
        watched.answers.append(raw.unsigned("PATCH", "/list-users", headers=sent).body)
    assert url.rpartition("X-Amz-Signature=")[2].encode() not in watched.written()
