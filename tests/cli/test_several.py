"""status and tidy: how several backends are, and what is left of deletes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from colonnade.multi.queue import Queue
from tests.cli.command import COMMAND, colonnade, serving
from tests.ports import free_port


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Two directories as one, the lower with an object."""
    for name in ("top", "low/bucket"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "low/bucket/k").write_text("old")
    file = tmp_path / "two.toml"
    file.write_text(
        f'[[backends]]\nname = "top"\ntype = "posix"\npath = "{tmp_path}/top"\n'
        f'[[backends]]\nname = "low"\ntype = "posix"\npath = "{tmp_path}/low"\n'
    )
    return file


def test_tidy(config: Path) -> None:
    """A marker stays while the store below has the key, and goes once it hasn't."""
    with serving("serve", "--config", config) as server:
        server.client().delete_object(Bucket="bucket", Key="k")
    assert colonnade("tidy", "--config", config).stdout == "0 markers taken away\n"
    (config.parent / "low/bucket/k").unlink()
    assert colonnade("tidy", "--config", config).stdout == "bucket/k\n1 marker taken away\n"
    assert not list((config.parent / "top/bucket").glob(".colonnade/**/*."))


def test_status(config: Path) -> None:
    """Every backend, answering or not, and what the queue holds; status 1 if one doesn't answer."""
    queue = config.parent / "queue.db"
    text = config.read_text().replace('name = "low"', 'name = "low"\nrole = "replica"')
    config.write_text(f'[overlay]\nwrite = "async"\nqueue = "{queue}"\n{text}')

    async def fill() -> None:
        kept = Queue(queue)
        await kept.start()
        await kept.add(["low"], "bucket", "k")
        await kept.close()

    asyncio.run(fill())
    done = colonnade("status", "--json", "--config", config)
    said = json.loads(done.stdout)
    assert (done.returncode, [row["answers"] for row in said["backends"]]) == (0, [True, True])
    assert [(row["replica"], row["keys"]) for row in said["queue"]] == [("low", 1)]
    (config.parent / "low/bucket/k").unlink()
    (config.parent / "low/bucket").rmdir()
    (config.parent / "low").rmdir()
    done = colonnade("status", "--config", config)
    assert done.returncode == 1
    assert "low: does not answer" in done.stdout
    assert "low lacks 1 keys" in done.stdout


def test_status_of_a_running_server(config: Path) -> None:
    """What all its workers counted of each backend."""
    config.write_text(f'port = "127.0.0.1:{free_port()}"\nworkers = 2\nhealth = "/health"\n{config.read_text()}')
    with serving("serve", "--config", config, program=[COMMAND, "--print-env"]) as server:
        for _ in range(20):  # by a connection each, which any worker may take
            server.client().head_object(Bucket="bucket", Key="k")
        said = json.loads(colonnade("status", "--json", "--config", config).stdout)
        printed = colonnade("status", "--config", config).stdout
    rows = {row["name"]: (row["state"], row["fallbacks"]) for row in said["serving"]["backends"]}
    assert rows == {"top": ("up", 0), "low": ("up", 20)}
    assert "low: up, 20 requests, 0 errors, 20 fallbacks, " in printed


def test_tidy_of_one_that_is_left(config: Path) -> None:
    """Once the store below is taken out nothing is hidden: every marker goes, and the bucket of our own."""
    with serving("serve", "--config", config) as server:
        server.client().delete_object(Bucket="bucket", Key="k")
        (config.parent / "low/bucket/k").unlink()
        server.client().delete_bucket(Bucket="bucket")
    config.write_text("[[backends]]".join(config.read_text().split("[[backends]]")[:2]))
    assert colonnade("tidy", "--config", config).stdout == "bucket\n1 marker taken away\n"
    assert list((config.parent / "top").iterdir()) == []
