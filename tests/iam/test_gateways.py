"""Two gateways on one directory of accounts, changing it at the same time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

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
