"""The command as a server: credentials, listeners, check, a graceful stop."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.cli.command import COMMAND, colonnade, environment, serving

ROOT_KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": "rootsecret"}


def test_serves_a_directory(tmp_path: Path) -> None:
    """An object put into a served directory is a plain file there."""
    with serving("posix", "--no-fsync", tmp_path) as server:
        client = server.client()
        client.create_bucket(Bucket="bucket")
        client.put_object(Bucket="bucket", Key="a/b", Body=b"hello")
    assert (tmp_path / "bucket/a/b").read_bytes() == b"hello"


def test_random_keys_go_to_stderr_also_when_quiet(tmp_path: Path) -> None:
    """Keys made at random are shown on stderr, 20 and 40 characters, as lines that a shell can eval."""
    command: list[str | Path] = [COMMAND, "-q", "-p", tmp_path / "s.sock", "--workers", "1", "posix", tmp_path]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(3)]
    process.terminate()
    assert process.communicate(timeout=60)[0] == ""
    assert re.fullmatch(r"export AWS_ACCESS_KEY_ID=[\w-]{20}\n", lines[1])
    assert re.fullmatch(r"export AWS_SECRET_ACCESS_KEY=[\w-]{40}\n", lines[2])


def test_given_keys_are_not_printed(tmp_path: Path) -> None:
    """Keys that were given open the door, and only those asked to be printed are."""
    with serving("posix", tmp_path, env=ROOT_KEYS) as server:
        assert server.env["AWS_ACCESS_KEY_ID"] == "rootaccess"
        assert server.client().list_buckets()["Buckets"] == []
        assert "rootsecret" not in server.stop()


def test_health_and_unix_socket_mode(tmp_path: Path) -> None:
    """Health is answered to anybody; a unix socket has the mode asked for."""
    socket = tmp_path / "s.sock"
    words: list[str | Path] = ["--health", "/health", "--port", socket, "--socket-perm", "0660"]
    with serving(*words, "posix", tmp_path) as server:
        with urllib.request.urlopen(server.url + "/health") as answer:
            assert answer.status == 200
        assert socket.stat().st_mode & 0o777 == 0o660


@pytest.mark.parametrize("readonly", ["", "--readonly"])
def test_abandoned_uploads_go(tmp_path: Path, readonly: str) -> None:
    """With --expire-uploads what got no part for so long is gone, but not from behind a gateway that only reads."""
    key = tmp_path / "bucket/.sgwtmp/multipart" / hashlib.sha256(b"k").hexdigest()
    (key / "0198c5b0-1234-7abc-8def-0123456789ab").mkdir(parents=True)
    os.setxattr(key, "user.objname", b"k")
    words = ["--expire-uploads", "1s", "--workers", "2", *([readonly] if readonly else [])]
    with serving(*words, "posix", tmp_path):
        late = time.monotonic() + (2.5 if readonly else 30)
        while key.exists() and time.monotonic() < late:
            time.sleep(0.1)
    assert key.exists() is bool(readonly)


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    """A second server on the same port says so, and ends with status 1."""
    with serving("posix", tmp_path) as server:
        address = server.url.removeprefix("http://")
        done = colonnade("--port", address, "posix", tmp_path, env=ROOT_KEYS)
    assert done.returncode == 1
    assert done.stderr == f"colonnade: cannot listen on {address}: Address already in use\n"


def test_a_missing_directory_is_one_clear_line(tmp_path: Path) -> None:
    """A directory that isn't there is told before anything is served."""
    done = colonnade("posix", tmp_path / "none", env=ROOT_KEYS)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "does not exist" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_graceful_stop_finishes_what_runs(tmp_path: Path, number: int) -> None:
    """A download that has begun when the server is told to stop is carried to its end."""
    (tmp_path / "bucket").mkdir()
    (tmp_path / "bucket/large").write_bytes(bytes(32 << 20))
    with serving("posix", tmp_path) as server, ThreadPoolExecutor() as pool:
        body = server.client().get_object(Bucket="bucket", Key="large")["Body"]
        assert len(body.read(1000)) == 1000
        stopped = pool.submit(server.stop, number)
        time.sleep(0.3)
        assert len(body.read()) == (32 << 20) - 1000
        stopped.result()
        assert server.process.returncode == 0


def test_quiet_says_nothing(tmp_path: Path) -> None:
    """With --quiet and given keys a server's stderr stays empty."""
    with serving("--quiet", "posix", tmp_path, env=ROOT_KEYS) as server:
        server.client().list_buckets()
        assert server.stop() == ""


def test_debug_writes_a_line_for_each_request(tmp_path: Path) -> None:
    """In debug the operation and its status are logged, and no secret."""
    with serving("--debug", "posix", tmp_path, env=ROOT_KEYS) as server:
        with pytest.raises(ClientError):
            server.client().head_bucket(Bucket="nothing")
        log = server.stop()
    assert "HeadBucket 404" in log
    assert "rootsecret" not in log


def test_check_says_who_answers(tmp_path: Path) -> None:
    """Check names listener, backends with their roles, and what each one said."""
    (tmp_path / "bucket").mkdir()
    file = write(tmp_path, [{"name": "one", "type": "posix", "path": str(tmp_path)}])
    done = colonnade("--admin-port", "127.0.0.1:7071", "check", "--config", file, env=ROOT_KEYS)
    assert done.returncode == 0, done.stderr
    assert "listens at :7070 (no TLS)\nthe administrator's API at 127.0.0.1:7071 (no TLS)\n" in done.stdout
    assert "backend 1: one, primary, type posix" in done.stdout
    assert "one: answers, 1 bucket\n" in done.stdout
    assert "rootsecret" not in done.stdout + done.stderr


def test_check_fails_for_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """A backend that can't be served ends check with status 1 and its name."""
    file = write(tmp_path, [{"name": "one", "type": "posix", "path": str(tmp_path / "none")}])
    done = colonnade("check", "--config", file)
    assert done.returncode == 1
    assert "one: does not answer: " in done.stdout
    assert "does not exist" in done.stdout


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"type": "nonsense"}, "nonsense"),
        ({"type": "posix", "path": "/", "paht": "/"}, "paht"),
        ({"type": "posix", "path": 5}, "path"),
    ],
)
def test_mistakes_in_options_name_the_place(tmp_path: Path, entry: dict[str, object], message: str) -> None:
    """An option that its type doesn't know is told with file and backend."""
    file = write(tmp_path, [entry])
    done = colonnade("serve", "--config", file, env=ROOT_KEYS)
    assert done.returncode == 1
    assert done.stderr.startswith(f"colonnade: {file}: backends[0]")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def write(folder: Path, backends: list[dict[str, object]]) -> Path:
    """A JSON configuration with these backends."""
    file = folder / "c.json"
    file.write_text(json.dumps({"backends": backends}))
    return file


def test_memory_is_served_by_one_worker(tmp_path: Path) -> None:
    """What lives in one process can't be served by two."""
    file = write(tmp_path, [{"type": "memory"}])
    done = colonnade("--workers", "2", "serve", "--config", file)
    assert done.returncode == 1
    assert "workers: got 2; allowed is 1" in done.stderr


def test_new_buckets_have_the_ownership_that_was_chosen(tmp_path: Path) -> None:
    """Unless the request says otherwise."""
    with serving("--default-object-ownership", "ObjectWriter", "posix", tmp_path) as server:
        client = server.client()
        client.create_bucket(Bucket="one")
        client.create_bucket(Bucket="two", ObjectOwnership="BucketOwnerEnforced")
        for name, setting in (("one", "ObjectWriter"), ("two", "BucketOwnerEnforced")):
            said = client.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]
            assert said["Rules"] == [{"ObjectOwnership": setting}]
