"""What is recorded of requests, by a server over a socket."""

from __future__ import annotations

import json
import stat
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import boto3
import pytest
from botocore.config import Config

from colonnade import testing
from colonnade.admin.client import AdminClient, RefusedError
from colonnade.iam.accounts import Account, Role
from colonnade.iam.internal import DirectoryAccounts
from colonnade.logs import access
from colonnade.logs.access import AccessLog
from colonnade.logs.appending import LogFile
from colonnade.logs.audit import AuditLog
from tests.cli.command import colonnade, serving
from tests.conformance.raw import Raw

ROOT_KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": "rootsecret"}
ALICE = b"<Account><Access>alice</Access><Secret>hersecret</Secret><Role>user</Role></Account>"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[testing.RunningServer]:
    """A server that records both kinds of requests, in files."""
    accounts = DirectoryAccounts(str(tmp_path), Account("root", "rootsecret", Role.ADMIN, root=True))
    s3, admin = AccessLog(LogFile(f"{tmp_path}/s3")), AuditLog(LogFile(f"{tmp_path}/admin"))
    with testing.server(accounts=accounts, access_log=s3, admin_log=admin) as running:
        yield testing.RunningServer(running.url, "root", "rootsecret", "us-east-1", running.gateway)


def lines(path: Path, count: int) -> list[list[str]]:
    """The lines of a log, each as its values; the time, which has a space in it, in two.

    A line is written once all of an answer has been sent, together with others, so the client is quicker.
    """
    until = time.monotonic() + 30
    while len(found := [line.split(" ") for line in path.read_text().splitlines()]) < count:
        assert time.monotonic() < until
        time.sleep(0.05)
    assert len(found) == count
    return found


def test_a_line_for_each_request(server: testing.RunningServer, tmp_path: Path) -> None:
    """With the 26 values of the compatible gateway's log, in their order."""
    client = boto3.client("s3", **server.boto3)
    client.create_bucket(Bucket="bucket")
    client.put_object(Bucket="bucket", Key="a b", Body=b"hello")
    client.get_object(Bucket="bucket", Key="a b", Range="bytes=0-1")["Body"].read()
    made, put, got = lines(tmp_path / "s3", 3)
    assert {len(made), len(put), len(got)} == {27}
    assert [got[place] for place in (0, 1, 4, 5, 7, 8, 9, 10, 11, 12, 13)] == [
        *("root", "bucket", "127.0.0.1", "root", "s3_GetObject", "a%20b", "/bucket/a%20b", "206", "-", "2", "5")
    ]
    assert (put[7], put[10], put[13], got[20], got[22]) == ("s3_PutObject", "200", "5", "SigV4", "AuthHeader")
    assert server.url.endswith(got[23])


def test_refusals_and_presigned_requests_are_recorded(server: testing.RunningServer, tmp_path: Path) -> None:
    """With code and status; and nobody can use a URL that the log has."""
    client = boto3.client("s3", **server.boto3, config=Config(signature_version="s3v4"))
    url = client.generate_presigned_url("get_object", Params={"Bucket": "none", "Key": "k"})
    Raw(server).unsigned("GET", url.removeprefix(server.url))
    Raw(server).unsigned("HEAD", "/none")
    presigned, anonymous = lines(tmp_path / "s3", 2)
    assert (presigned[10], presigned[11], presigned[22]) == ("404", "NoSuchBucket", "QueryString")
    assert "Signature=-" in presigned[9]
    assert (anonymous[5], anonymous[7], anonymous[11], anonymous[20]) == ("-", "s3_HeadBucket", "NoSuchBucket", "-")


def test_no_client_writes_lines_of_its_own(server: testing.RunningServer, tmp_path: Path) -> None:
    """Headers, keys and queries with all that a line could break by."""
    Raw(server)("GET", "/b/%0Ak%20x?versionId=%0Anew%20line", User_Agent="one two\tthree\x85four", Referer="%41 -")
    (line,) = lines(tmp_path / "s3", 1)
    assert len(line) == 27
    assert [line[place] for place in (8, 16, 17, 18)] == [
        "%0Ak%20x",
        "%2541%20-",
        "one%20two%09three%C2%85four",
        "%0Anew%20line",
    ]


def test_lines_wait_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until there are enough to be written, or the server ends."""
    monkeypatch.setattr(access, "EVERY", 3600.0)
    monkeypatch.setattr(access, "MOST", 2000)
    log = tmp_path / "s3"
    with testing.server(access_log=AccessLog(LogFile(str(log)))) as running:
        for _ in range(12):
            Raw(running).unsigned("HEAD", "/none")
        assert 0 < len(log.read_text().splitlines()) < 12
    assert len(log.read_text().splitlines()) == 12


def test_changes_of_administrators_are_recorded(server: testing.RunningServer, tmp_path: Path) -> None:
    """Who, what and from where, also of what was refused; no secret."""
    admin = AdminClient(server.url, "root", "rootsecret")
    admin.send("/create-user", body=ALICE)
    with pytest.raises(RefusedError):
        admin.send("/create-user", body=ALICE)
    admin.send("/delete-user", {"access": "alice"})
    with pytest.raises(RefusedError):
        AdminClient(server.url, "alice", "x").send("/new/create", headers={"x-vgw-owner": "a\tb"})
    made, again, gone, stranger = lines(tmp_path / "admin", 4)
    assert [len(line) for line in (made, again, gone, stranger)] == [20] * 4
    assert (made[2], made[3], made[5], made[7]) == ("127.0.0.1", "root", "admin_CreateUser", "201")
    assert made[19] == "access=alice,secret=***,role=user"
    assert (again[7], again[8]) == ("409", "XAdminUserExists")
    assert (gone[5], gone[6], gone[19]) == ("admin_DeleteUser", "/delete-user?access=alice", "access=alice")
    assert (stranger[3], stranger[5], stranger[8]) == ("-", "admin_CreateBucket", "InvalidAccessKeyId")
    assert "secret=h" not in (tmp_path / "admin").read_text()
    assert (tmp_path / "s3").read_text() == ""


def test_the_command_keeps_both_logs(tmp_path: Path) -> None:
    """LOGFILE is for both; several workers write to it, and it can be renamed while they do."""
    (tmp_path / "data").mkdir()
    log = tmp_path / "log"
    with serving("--workers", "2", "posix", tmp_path / "data", env={**ROOT_KEYS, "LOGFILE": str(log)}) as running:
        running.client().list_buckets()
        colonnade("admin", "list-buckets", env={**ROOT_KEYS, "ADMIN_ENDPOINT_URL": running.url})
        lines(log, 2)
        log.rename(tmp_path / "log.1")
        for _ in range(20):
            running.client().list_buckets()
    assert "s3_ListBuckets" in (tmp_path / "log.1").read_text()
    assert len(lines(log, 20)) == 20
    assert "admin_ListBuckets" in (tmp_path / "log.1").read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o644


def test_without_a_file_changes_are_told_on_stderr(tmp_path: Path) -> None:
    """And reads are not."""
    with serving("posix", tmp_path, env=ROOT_KEYS) as running:
        keys = {**ROOT_KEYS, "ADMIN_ENDPOINT_URL": running.url}
        colonnade("admin", "create-bucket", "--bucket", "new", "--owner", "rootaccess", env=keys)
        colonnade("admin", "list-buckets", env=keys)
        said = running.stop()
    assert "rootaccess" in said
    assert "bucket=new,owner=rootaccess" in said
    assert "admin_ListBuckets" not in said


def test_a_log_that_can_not_be_opened_is_told_at_once(tmp_path: Path) -> None:
    """On one line, before anything is served."""
    done = colonnade("--access-log", tmp_path / "none" / "log", "posix", tmp_path, env=ROOT_KEYS)
    assert done.stderr == f"colonnade: access-log: {tmp_path}/none/log: No such file or directory\n"


class Collector(BaseHTTPRequestHandler):
    """Keeps the documents that it is sent."""

    got: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        """Take one, slowly."""
        time.sleep(0.2)
        self.got.append(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """The URL of an HTTP server, and what it is sent."""
    Collector.got = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/logs", Collector.got
    server.shutdown()
    thread.join()
    server.server_close()


def test_requests_are_told_to_a_webhook(tmp_path: Path, collector: tuple[str, list[bytes]]) -> None:
    """After an empty document that tries it, one for each; the last ones before the server ends."""
    url, got = collector
    (tmp_path / "bucket").mkdir()
    with serving("--log-webhook-url", url, "posix", tmp_path, env=ROOT_KEYS) as running:
        running.client().list_objects_v2(Bucket="bucket")
        running.client().put_object(Bucket="bucket", Key="a b", Body=b"hello")
        running.stop()
    tried, *documents = got
    told = sorted((json.loads(document) for document in documents), key=lambda each: str(each["Operation"]))
    assert tried == b""
    assert [each["Operation"] for each in told] == ["s3_ListObjectsV2", "s3_PutObject"]
    assert (told[1]["Key"], told[1]["HttpStatus"], told[1]["ObjectSize"], told[1]["VersionID"]) == ("a b", 200, 5, "")
    assert len(told[1]) == 26
    assert datetime.fromisoformat(told[1]["Time"]).tzinfo is not None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--log-webhook-url", "http://127.0.0.1:1"], "log-webhook-url: http://127.0.0.1:1: Conn"),
        (["--log-webhook-url", "http://u:HIDDEN@127.0.0.1:1/HIDDEN"], "log-webhook-url: http://127.0.0.1:1: Conn"),
        (["--log-webhook-url", "http://u:HIDDEN@[::1"], "log-webhook-url: it is no http or https URL"),
        (["--log-webhook-url", "ftp://u:HIDDEN@x"], "log-webhook-url: it is no http or https URL"),
        (["--log-webhook-url", "http://x", "--access-log", "y"], "log-webhook-url is given beside access-log: choose"),
    ],
)
def test_a_webhook_that_can_not_be_is_told_at_once(tmp_path: Path, words: list[str], message: str) -> None:
    """One that isn't there, or is one log too many; what opens doors in a URL is not told."""
    done = colonnade(*words, "posix", tmp_path, env=ROOT_KEYS)
    assert (done.returncode, done.stderr.startswith(f"colonnade: {message}")) == (1, True)
    assert "HIDDEN" not in done.stderr
