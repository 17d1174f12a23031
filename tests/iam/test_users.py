"""The document of accounts: a row that can't be read costs nobody else anything."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import pytest

from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Role
from colonnade.iam.internal import DirectoryAccounts

ROOT = Account("root", "secret", Role.ADMIN, root=True)
GOOD = {"access": "alice", "secret": "s", "role": "user", "userID": 1, "groupID": 0, "projectID": 0}
HIDDEN = "hidden-secret"

BAD: list[Any] = [
    "text",
    {**GOOD, "access": "bob", "secret": ""},
    {**GOOD, "access": "bob", "secret": 7},
    {**GOOD, "access": "alice", "secret": HIDDEN},
    {**GOOD, "access": "bob", "secret": HIDDEN, "role": "king"},
    {**GOOD, "access": "bob", "secret": HIDDEN, "userID": "many"},
    {"access": "bob", "secret": HIDDEN},
]


def accounts(directory: Path, rows: Any, mode: int = 0o600, *, strict: bool = True) -> DirectoryAccounts:
    """A store of these rows."""
    file = directory / "users.json"
    file.write_text(json.dumps({"accessAccounts": rows}))
    file.chmod(mode)
    return DirectoryAccounts(str(directory), ROOT, strict=strict)


@pytest.mark.parametrize("row", BAD)
def test_others_go_on_working(tmp_path: Path, caplog: pytest.LogCaptureFixture, row: Any) -> None:
    """The log names the row, and no secret."""
    store = accounts(tmp_path, {"alice": GOOD, "bob": row})
    assert asyncio.run(store.get("alice")) == Account("alice", "s", Role.USER, 1)
    assert asyncio.run(store.get("bob")) is None
    assert [account.access for account in asyncio.run(store.list())] == ["alice"]
    assert "'bob'" in caplog.text
    assert HIDDEN not in caplog.text


@pytest.mark.parametrize("row", BAD)
def test_it_is_kept_and_can_be_mended(tmp_path: Path, row: Any) -> None:
    """Other changes leave it as it is; the name is taken."""
    store = accounts(tmp_path, {"bob": row})
    asyncio.run(store.create(Account("carol", "c")))
    assert json.loads(store.path.read_text())["accessAccounts"]["bob"] == row
    with pytest.raises(S3Error, match=r"^XAdminUserExists"):
        asyncio.run(store.create(Account("bob", "b")))
    mended = {"access": "bob", "secret": "new", "role": "user", "user_id": 0, "group_id": 0, "project_id": 0}
    asyncio.run(store.update("bob", mended))
    assert asyncio.run(store.get("bob")) == Account("bob", "new")


@pytest.mark.parametrize("content", ["", "[]", '{"accessAccounts": []}', "{"])
def test_what_is_no_document(tmp_path: Path, content: str) -> None:
    """Refused at the start; later those who were known go on working."""
    store = accounts(tmp_path, {"alice": GOOD})
    store.path.write_text(content)
    assert asyncio.run(store.get("alice")) is not None
    for call in (store.get("bob"), store.list(), store.create(Account("bob", "b"))):
        with pytest.raises(S3Error, match=r"^ServiceUnavailable"):
            asyncio.run(call)
    with pytest.raises(ValueError, match=r"holds no accounts|Expecting"):
        DirectoryAccounts(str(tmp_path), ROOT)


def test_a_file_that_others_can_read_may_be_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where the operator says so."""
    with caplog.at_level(logging.WARNING):
        store = accounts(tmp_path, {"alice": GOOD}, 0o644, strict=False)
    assert asyncio.run(store.get("alice")) is not None
    assert "others can read it" in caplog.text
