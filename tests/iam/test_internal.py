"""Accounts in a directory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import multiprocessing
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from colonnade.admin.client import AdminClient
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Role
from colonnade.iam.internal import DirectoryAccounts, UnsafeAccountsError
from colonnade.mark import Mark
from tests.cli.command import serving

ROOT = Account("root", "secret", Role.ADMIN, root=True)
ALICE = {"access": "alice", "secret": "alicesecret1", "role": "userplus", "userID": 1001, "groupID": 7, "projectID": 0}


def put(directory: Path, *rows: dict[str, object]) -> Path:
    """The file as the compatible gateway writes it."""
    file = directory / "users.json"
    file.write_text(json.dumps({"accessAccounts": {str(row["access"]): row for row in rows}}))
    file.chmod(0o600)
    return file


def test_a_file_of_the_compatible_gateway_is_read(tmp_path: Path) -> None:
    """Access key, secret, role and ids."""
    put(tmp_path, ALICE)
    store = DirectoryAccounts(str(tmp_path), ROOT)
    assert asyncio.run(store.get("alice")) == Account("alice", "alicesecret1", Role.USERPLUS, 1001, 7, 0)
    assert asyncio.run(store.get("bob")) is None
    assert asyncio.run(store.get("root")) is ROOT


def test_a_change_is_seen_by_others_at_once_and_written_in_the_same_form(tmp_path: Path) -> None:
    """Two stores over one directory."""
    one, other = DirectoryAccounts(str(tmp_path), ROOT), DirectoryAccounts(str(tmp_path), ROOT)
    for number in range(50):
        asyncio.run(one.create(Account(f"a{number}", "s", Role.USER)))
        assert asyncio.run(other.get(f"a{number}")) is not None
    asyncio.run(other.update("a0", {"secret": "new", "role": "admin"}))
    asyncio.run(other.delete("a1"))
    assert asyncio.run(one.get("a0")) == Account("a0", "new", Role.ADMIN)
    assert asyncio.run(one.get("a1")) is None
    rows = json.loads((tmp_path / "users.json").read_text())["accessAccounts"]
    assert rows["a2"] == {"access": "a2", "secret": "s", "role": "user", "userID": 0, "groupID": 0, "projectID": 0}
    assert (tmp_path / "users.json").stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Its secrets may be known already."""
    put(tmp_path, ALICE).chmod(0o644)
    with pytest.raises(UnsafeAccountsError, match="others can read"):
        DirectoryAccounts(str(tmp_path), ROOT)


def test_accounts_that_were_known_go_on_working_without_the_file(tmp_path: Path) -> None:
    """Others are told to come again, not that they don't exist."""
    file = put(tmp_path, ALICE)
    store = DirectoryAccounts(str(tmp_path), ROOT)
    file.unlink()
    assert asyncio.run(store.get("alice")) is not None
    with pytest.raises(S3Error) as raised:
        asyncio.run(store.get("bob"))
    assert raised.value.code == "ServiceUnavailable"


def test_who_was_changed_is_not_served_on_without_the_file(tmp_path: Path) -> None:
    """By no worker that hasn't seen the change yet."""
    file, mark = put(tmp_path, ALICE), Mark()
    one, other = (DirectoryAccounts(str(tmp_path), ROOT, mark=mark) for _ in range(2))
    asyncio.run(one.create(Account("bob", "b")))
    for name in ("alice", "bob"):
        assert asyncio.run(other.get(name)) is not None
    asyncio.run(one.delete("alice"))
    file.unlink()
    assert asyncio.run(other.get("bob")) is not None
    with pytest.raises(S3Error, match="ServiceUnavailable"):
        asyncio.run(other.get("alice"))


@pytest.mark.parametrize(("access", "code"), [("alice", "XAdminUserExists"), ("root", "XAdminUserExists")])
def test_create_replaces_nobody(tmp_path: Path, access: str, code: str) -> None:
    """Neither an account nor root."""
    put(tmp_path, ALICE)
    with pytest.raises(S3Error) as raised:
        asyncio.run(DirectoryAccounts(str(tmp_path), ROOT).create(Account(access, "s")))
    assert raised.value.code == code


def _many(directory: str, name: str) -> None:
    store = DirectoryAccounts(directory, ROOT)
    for number in range(40):
        asyncio.run(store.create(Account(f"{name}{number}", "s")))


def test_changes_by_several_processes_lose_nothing(tmp_path: Path) -> None:
    """Three at once, forty each."""
    spawn = multiprocessing.get_context("spawn")
    processes = [spawn.Process(target=_many, args=(str(tmp_path), name)) for name in "xyz"]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert len(asyncio.run(DirectoryAccounts(str(tmp_path), ROOT).list())) == 120


def test_the_command_serves_the_directory_of_accounts(tmp_path: Path) -> None:
    """--iam-dir: an admin of the file is served, and nothing can be changed with --readonly."""
    (tmp_path / "iam").mkdir()
    put(tmp_path / "iam", {**ALICE, "role": "admin"})
    (tmp_path / "data" / "bucket").mkdir(parents=True)
    with serving("--iam-dir", tmp_path / "iam", "--readonly", "posix", tmp_path / "data") as server:
        server.env.update(AWS_ACCESS_KEY_ID="alice", AWS_SECRET_ACCESS_KEY="alicesecret1")
        client = server.client()
        assert [bucket["Name"] for bucket in client.list_buckets()["Buckets"]] == ["bucket"]
        with pytest.raises(ClientError, match="AccessDenied"):
            client.put_object(Bucket="bucket", Key="k")


def test_what_the_store_is_asked_can_be_told(tmp_path: Path) -> None:
    """--iam-debug: who was looked up and what came of it; names that would forge a line are escaped, secrets hidden."""
    (tmp_path / "iam").mkdir()
    (tmp_path / "data").mkdir()
    put(tmp_path / "iam", ALICE)
    words: list[str | Path] = ["--iam-debug", "--quiet", "--workers", "1", "--iam-dir", tmp_path / "iam"]
    with serving(*words, "posix", tmp_path / "data") as server:
        admin = AdminClient(server.url, server.env["AWS_ACCESS_KEY_ID"], server.env["AWS_SECRET_ACCESS_KEY"])
        body = "<Account><Access>x&#10;forged</Access><Secret>xsecret1</Secret><Role>user</Role></Account>"
        admin.send("/create-user", body=body.encode())
        for access in ("alice", "nobody"):
            server.env.update(AWS_ACCESS_KEY_ID=access, AWS_SECRET_ACCESS_KEY="alicesecret1")
            with contextlib.suppress(ClientError):
                server.client().list_buckets()
        said = server.stop()
    for line in ("look up alice: role userplus, ", "look up nobody: nobody, ", "create x\\nforged: done, "):
        assert f"accounts: {line}" in said
    assert "secret1" not in said
