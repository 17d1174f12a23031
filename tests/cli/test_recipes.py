"""The recipes of docs/guide/several-stores.md, run as they stand there but for paths and addresses."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import COMMAND, Serving, colonnade, serving
from tests.ports import free_port

GUIDE = Path(__file__).parents[2] / "docs/guide/several-stores.md"
KEYS = {"AWS_ACCESS_KEY_ID": "access", "AWS_SECRET_ACCESS_KEY": "secret-of-them"}


def recipe(title: str) -> tuple[str, list[list[str]]]:
    """The configuration under a heading, and the words of the commands."""
    section = GUIDE.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    blocks = dict(re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL))
    return blocks["toml"], [shlex.split(line, comments=True) for line in blocks.get("sh", "").splitlines()]


class Kitchen:
    """Where a recipe is tried: its directories are below `root`, its hosts are servers over others there."""

    def __init__(self, title: str, root: Path, stack: ExitStack) -> None:
        self.root = root
        self.ports: dict[str, int] = {}
        text, self.commands = recipe(title)
        text = re.sub(r'"(/[^"]+)"', lambda match: f'"{self.path(match[1])}"', text)
        text = re.sub(r'"https://([^"]+)"', lambda match: f'"http://127.0.0.1:{self.port(match[1])}"', text)
        self.config = root / "stores.toml"
        self.config.write_text(text)
        self.stack = stack
        self.env = {**KEYS, "OLD_ACCESS": "access", "OLD_SECRET": KEYS["AWS_SECRET_ACCESS_KEY"], "HOME": str(root)}

    def path(self, name: str) -> Path:
        """Where a directory or file of the recipe is."""
        place = self.root / name[1:]
        (place.parent if place.suffix else place).mkdir(parents=True, exist_ok=True)
        return place

    def port(self, host: str) -> int:
        """Where a host of the recipe listens, once it does."""
        return self.ports.setdefault(host, free_port())

    @contextmanager
    def host(self, name: str) -> Iterator[Any]:
        """A host that runs; a client of it."""
        port = f"127.0.0.1:{self.ports[name]}"
        program = [COMMAND, "--print-env", "--port", port, "--workers", "1", "posix"]
        root = {"ROOT_ACCESS_KEY_ID": KEYS["AWS_ACCESS_KEY_ID"], "ROOT_SECRET_ACCESS_KEY": "secret-of-them"}
        with serving(self.path(f"/{name.partition('.')[0]}"), program=program, env=root) as server:
            yield server.client()

    def serve(self) -> Any:
        """The recipe's own server; a client of it."""
        words = ["serve", "--config", str(self.config)]
        server: Serving = self.stack.enter_context(serving(*words, env=self.env))
        return server.client()

    def run(self, words: list[str]) -> int:
        """One of the recipe's commands; its status."""
        words = [str(self.config) if word == "stores.toml" else word for word in words[1:]]
        return colonnade(*words, env={**self.env, "XDG_STATE_HOME": str(self.root / "state")}).returncode


@pytest.fixture
def kitchen(tmp_path: Path) -> Iterator[Callable[[str], Kitchen]]:
    """Makes one for a recipe."""
    with ExitStack() as stack:
        yield lambda title: Kitchen(title, tmp_path, stack)


def put(client: Any, objects: Mapping[str, bytes], bucket: str = "photos") -> None:
    """Make a bucket and put objects there."""
    client.create_bucket(Bucket=bucket)
    for key, body in objects.items():
        client.put_object(Bucket=bucket, Key=key, Body=body)


def held(client: Any, bucket: str = "photos") -> dict[str, bytes]:
    """All objects of a bucket."""
    keys = [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket).get("Contents", ())]
    return {key: client.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys}


def until(check: Callable[[], bool]) -> None:
    """Wait for something that happens soon."""
    deadline = time.monotonic() + 60
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_new_store_in_front_of_an_old_one(kitchen: Callable[[str], Kitchen]) -> None:
    """All is there from the first moment; what clients write and delete during the move stays written and deleted."""
    here = kitchen("A new store in front of an old one")
    with here.host("s3.example.com") as old:
        put(old, {"a": b"old", "b": b"old", "c": b"old"})
        client = here.serve()
        assert held(client) == {"a": b"old", "b": b"old", "c": b"old"}
        client.put_object(Bucket="photos", Key="a", Body=b"new")
        client.put_object(Bucket="photos", Key="d", Body=b"new")
        client.delete_object(Bucket="photos", Key="b")
        diff = here.commands[2]
        assert here.run(diff) == 1, "c is missing"
        assert here.run(here.commands[1]) in (0, 1)  # 1: newer things were left as they are
        assert here.run(diff) == 0
        assert held(client) == {"a": b"new", "c": b"old", "d": b"new"}
    entries = here.config.read_text().split("[[backends]]")
    here.config.write_text("[[backends]]".join(entries[:2]))
    client = here.serve()
    assert here.run(["colonnade", "tidy", "--config", "stores.toml"]) == 0
    assert held(client) == {"a": b"new", "c": b"old", "d": b"new"}


def test_two_providers_either_of_which_may_be_down(kitchen: Callable[[str], Kitchen]) -> None:
    """With the second down everything goes on; with the first down what was written is still read."""
    here = kitchen("Two providers, either of which may be down")
    with here.host("one.example.com"):
        client = here.serve()
        put(client, {"k": b"data"})
        with here.host("two.example.com") as two:
            until(lambda: any(bucket["Name"] == "photos" for bucket in two.list_buckets()["Buckets"]))
            until(lambda: held(two) == {"k": b"data"})
    with here.host("two.example.com"):
        answer = client.get_object(Bucket="photos", Key="k")
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        assert (answer["Body"].read(), headers["x-colonnade-backend"]) == (b"data", "two; stale")


def test_a_local_copy_before_a_cloud_bucket(kitchen: Callable[[str], Kitchen]) -> None:
    """What is written here reaches the cloud, in a folder of the one bucket; reads need no cloud."""
    here = kitchen("A local copy before a cloud bucket")
    with here.host("cloud.example.com") as cloud:
        cloud.create_bucket(Bucket="company-backup")
        client = here.serve()
        put(client, {"k": b"data"})
        until(lambda: held(cloud, "company-backup").get("photos/k") == b"data")
    assert client.get_object(Bucket="photos", Key="k")["Body"].read() == b"data"


def test_a_read_only_archive_under_a_live_bucket(kitchen: Callable[[str], Kitchen]) -> None:
    """The archive shows through and is never written; without it the rest is served."""
    here = kitchen("A read-only archive under a live bucket")
    archived = here.path("/mnt/archive/photos") / "k"
    archived.write_text("old")
    client = here.serve()
    assert held(client) == {"k": b"old"}
    client.put_object(Bucket="photos", Key="l", Body=b"new")
    client.delete_object(Bucket="photos", Key="k")
    assert (held(client), archived.read_text()) == ({"l": b"new"}, "old")
