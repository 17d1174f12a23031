"""Two gateways on one directory of accounts, changing it at the same time."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from colonnade.iam.accounts import Account, Role
from colonnade.iam.internal import DirectoryAccounts
from tests.cli.command import serving
from tests.conformance.raw import Raw


def test_of_a_thousand_changes_by_two_gateways_none_is_lost(tmp_path: Path) -> None:
    """Accounts made, then some of them changed and some removed, with several requests at once to each gateway."""
    iam = tmp_path / "iam"
    iam.mkdir(mode=0o700)
    keys: list[str | Path] = ["--quiet", "--access", "root", "--secret", "secret", "--iam-dir", iam]
    with ExitStack() as stack, ThreadPoolExecutor(8) as pool:
        servers = [stack.enter_context(serving(*keys, "posix", tmp_path)) for _ in range(2)]
        raws = [Raw(server.endpoint()) for server in servers]

        def change(number: int) -> int:
            name, ask = f"user{number % 600}", raws[number % 2]
            if number < 600:
                row = f"<Account><Access>{name}</Access><Secret>s</Secret><Role>user</Role></Account>"
                return ask("PATCH", "/create-user", row.encode()).status
            if number < 800:
                body = f"<MutableProps><UserID>{number}</UserID></MutableProps>"
                return ask("PATCH", f"/update-user?access={name}", body.encode()).status
            return ask("PATCH", f"/delete-user?access={name}").status

        assert set(pool.map(change, range(600))) == {201}
        assert set(pool.map(change, range(600, 1000))) == {200}
    kept = json.loads((iam / "users.json").read_text())["accessAccounts"]
    assert kept.keys() == {f"user{number}" for number in (*range(200), *range(400, 600))}
    assert [kept[f"user{number}"]["userID"] for number in range(200)] == list(range(600, 800))


def test_a_gateway_killed_amid_changes_loses_none_it_confirmed(tmp_path: Path) -> None:
    """Nor does it leave anything behind that another can't go on from, or that holds secrets for ever."""
    iam = tmp_path / "iam"
    iam.mkdir(mode=0o700)
    keys: list[str | Path] = ["--quiet", "--access", "root", "--secret", "secret", "--iam-dir", iam, "posix", tmp_path]
    confirmed: list[str] = []

    def make(raw: Raw, prefix: str) -> None:
        """Accounts, until nobody answers."""
        for number in itertools.count():
            row = f"<Account><Access>{prefix}{number}</Access><Secret>s</Secret><Role>user</Role></Account>"
            try:
                assert raw("PATCH", "/create-user", row.encode()).status == 201
            except (OSError, http.client.HTTPException):
                return
            confirmed.append(f"{prefix}{number}")

    for turn in range(3):
        with serving(*keys) as server, ThreadPoolExecutor(4) as pool:
            raw = Raw(server.endpoint())
            making = [pool.submit(make, raw, f"user-{turn}-{worker}-") for worker in range(4)]
            until(confirmed, 10 * (turn + 1))
            server.stop(signal.SIGKILL)
            for each in making:
                each.result()
        (iam / ".users-left").write_text("what one may leave that is killed at the wrong moment")
        store = DirectoryAccounts(str(iam), Account("root", "secret", Role.ADMIN, root=True))
        assert {account.access for account in asyncio.run(store.list())} >= set(confirmed)
        assert {file.name for file in iam.iterdir()} == {"users.json", "users.json.backup"}


def until(there: Sequence[str], many: int) -> None:
    """Wait for that many to be there."""
    for _ in range(3000):
        if len(there) >= many:
            return
        time.sleep(0.02)
    raise AssertionError("they didn't come")
