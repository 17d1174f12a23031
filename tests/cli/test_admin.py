"""``colonnade admin`` against a running server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.command import Serving, colonnade, serving

ROOT_KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": "rootsecret"}
NEW = ("--owner", "x", "--bucket", "b")
ALICE = ("create-user", "-a", "alice", "-s", "hersecret", "-r", "user", "-ui", "7")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server over a directory, with accounts."""
    folder = tmp_path_factory.mktemp("admin")
    (folder / "iam").mkdir()
    (folder / "data").mkdir()
    with serving("--iam-dir", folder / "iam", "posix", "--no-fsync", folder / "data", env=ROOT_KEYS) as running:
        ask(running, *ALICE)
        yield running


def ask(server: Serving, *words: str, given: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """One command, as root unless `env` has an administrator's keys; `given` is its standard input."""
    return colonnade("admin", *words, env={**ROOT_KEYS, "ADMIN_ENDPOINT_URL": server.url, **env}, given=given)


def read(server: Serving, *words: str) -> object:
    """What a command says to scripts."""
    return json.loads(ask(server, "--json", *words).stdout)


def test_accounts_are_listed_without_secrets(server: Serving) -> None:
    """As a table with the compatible gateway's columns, or as JSON."""
    lines = ask(server, "list-users").stdout.splitlines()
    assert [line.split() for line in lines][:2] == [
        ["Account", "Role", "UserID", "GroupID", "ProjectID"],
        ["alice", "user", "7", "0", "0"],
    ]
    users = ask(server, "list-users", "--json").stdout
    assert {"Account": "alice", "Role": "user", "UserID": 7, "GroupID": 0, "ProjectID": 0} in json.loads(users)
    assert "hersecret" not in users


def test_an_account_is_made_changed_and_removed(server: Serving) -> None:
    """Its keys work as soon as it is made, and no longer once it is gone."""
    assert read(server, "create-user", "-a", "bob", "-s", "x", "-r", "user") == {"access": "bob", "role": "user"}
    assert read(server, "update-user", "-a", "bob", "--secret", "y", "--role", "admin") == {
        "access": "bob",
        "role": "admin",
    }
    bob = {"ADMIN_ACCESS_KEY_ID": "bob", "ADMIN_SECRET_ACCESS_KEY": "y"}
    assert ask(server, "list-buckets", **bob).returncode == 0
    assert read(server, "delete-user", "-a", "bob") == {"access": "bob"}
    assert "InvalidAccessKeyId" in ask(server, "list-buckets", **bob).stderr


def test_a_secret_is_read_from_standard_input(server: Serving) -> None:
    """So that it is no argument, which others on the machine can see."""
    ask(server, "create-user", "-a", "carol", "-s", "-", "-r", "admin", given="whispered\n")
    carol = {"ADMIN_ACCESS_KEY_ID": "carol", "ADMIN_SECRET_ACCESS_KEY": "whispered"}
    assert ask(server, "list-users", **carol).returncode == 0
    assert "no secret came from standard input" in ask(server, "update-user", "-a", "carol", "-s", "-").stderr


def test_no_account_is_replaced(server: Serving) -> None:
    """A second account of a name is refused, on one line or as JSON."""
    done = ask(server, *ALICE[:4], "other", *ALICE[5:])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "colonnade: admin: refused, XAdminUserExists: A user with the provided access key ID already exists.\n"
    )
    refused = json.loads(ask(server, "--json", *ALICE).stdout)
    assert refused["error"]["code"] == "XAdminUserExists"


def test_a_bucket_is_made_for_somebody_and_given_away(server: Serving) -> None:
    """With what else CreateBucket takes; the listing says whose it is."""
    more = ["--object-ownership", "ObjectWriter", "--create-bucket-configuration", "Tags=[{Key=team,Value=red}]"]
    assert read(server, "create-bucket", "--bucket", "hers", "-o", "alice", *more) == {
        "bucket": "hers",
        "owner": "alice",
    }
    client = server.client()
    rules = client.get_bucket_ownership_controls(Bucket="hers")["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "ObjectWriter"}]
    assert client.get_bucket_tagging(Bucket="hers")["TagSet"] == [{"Key": "team", "Value": "red"}]
    assert {"Bucket": "hers", "Owner": "alice"} in read(server, "list-buckets")  # type: ignore[operator]
    ask(server, "change-bucket-owner", "-b", "hers", "-o", "rootaccess")
    assert ["hers", "rootaccess"] in [line.split() for line in ask(server, "list-buckets").stdout.splitlines()]


def test_only_administrators_are_answered(server: Serving) -> None:
    """Others are told so, and so is who signs wrongly."""
    alice = {"ADMIN_ACCESS_KEY": "alice", "ADMIN_SECRET_KEY": "hersecret"}
    assert "refused, XAdminAccessDenied: Only admin users" in ask(server, "list-users", **alice).stderr
    wrong = ask(server, "list-users", **{**alice, "ADMIN_SECRET_KEY": "guessed"})
    assert "refused, SignatureDoesNotMatch" in wrong.stderr
    assert "guessed" not in wrong.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["list-users"], "admin: give --endpoint-url, before the command"),
        (["-er", "here", "list-users"], "admin: 'here' is no endpoint; allowed are http://HOST:PORT"),
        (["-er", "http://127.0.0.1:1", "list-users"], "admin: http://127.0.0.1:1 can't be reached: Connection refused"),
        (["create-user", "-a", "x"], "create-user: give --secret"),
        (["create-user", "-r", "king"], "flag -r: got 'king'; allowed is admin or user or userplus"),
        (["list-user"], "command line: unknown 'list-user'; did you mean 'list-users'?"),
        (["list-users", "all"], "list-users: unexpected 'all'"),
        (
            ["-er", "http://x", "create-bucket", *NEW, "--create-bucket-configuration", "Tags=[{"],
            "create-bucket-configuration: got 'Tags=[{'; allowed is JSON or LocationConstraint=REGION",
        ),
    ],
)
def test_mistakes_are_one_clear_line(words: list[str], message: str) -> None:
    """Each says what is wrong, and the status is 1."""
    done = colonnade("admin", *words, env=ROOT_KEYS)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"colonnade: {message}")


def test_help_says_how_a_command_is_used() -> None:
    """By its own name, by help, and behind the command."""
    assert "create-user  " in colonnade("admin").stdout
    assert (
        "usage: colonnade [global flags] admin [flags] create-user [flags]"
        in colonnade("help", "admin", "create-user").stdout
    )
    assert "--role, -r WORD" in colonnade("admin", "create-user", "-h").stdout


def test_a_unix_socket_is_asked(tmp_path: Path) -> None:
    """An endpoint may be the socket that the server prints; without accounts it has none to list."""
    socket = tmp_path / "s.sock"
    with serving("--port", socket, "posix", tmp_path, env=ROOT_KEYS) as running:
        assert ask(running, "list-buckets").returncode == 0
        assert "XAdminMethodNotSupported" in ask(running, "list-users").stderr
