"""What is remembered of buckets between requests: how much it saves, and that no change is missed."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import colonnade.testing
from colonnade.access import cache
from colonnade.backend import Answer, Arguments, Backend, Layer
from colonnade.backends import load
from colonnade.mark import Mark
from colonnade.testing import Endpoint
from tests.access.conftest import Known
from tests.cli.command import serving
from tests.clock import Clock
from tests.conformance.raw import Raw


class Counting(Layer):
    """Counts what is asked; without stamps if told so."""

    def __init__(self, inner: Backend, *, stamps: bool = True) -> None:
        super().__init__(inner)
        self.asked: Counter[str] = Counter()
        self.stamps = stamps

    async def stamp(self, bucket: str) -> object:
        """None for a backend that has none."""
        return await self.inner.stamp(bucket) if self.stamps else None

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Count and pass on."""
        self.asked[operation] += 1
        return await self.inner.call(operation, arguments)


def allow(*who: str) -> str:
    """A policy that lets some read from a bucket, and denies what is somebody's own."""
    rows = [{"Effect": "Allow", "Principal": {"AWS": list(who)}, "Action": "s3:GetObject"}]
    return json.dumps({"Statement": [{**row, "Resource": "arn:aws:s3:::bucket/*"} for row in rows]})


@contextmanager
def gateways(*backends: Backend) -> Iterator[list[dict[str, Any]]]:
    """A gateway over each: of each, clients by the name of their account."""
    with ExitStack() as stack:
        made = []
        for backend in backends:
            running = stack.enter_context(colonnade.testing.server(backend, accounts=Known()))
            config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
            keys = {
                name: {"aws_access_key_id": name, "aws_secret_access_key": name} for name in ("root", "bob", "owner")
            }
            made.append({name: boto3.client("s3", **{**running.boto3, **keys[name]}, config=config) for name in keys})
        made[0]["owner"].create_bucket(Bucket="bucket")
        made[0]["owner"].put_object(Bucket="bucket", Key="k", Body=b"x")
        yield made


def may_read(client: Any) -> bool:
    """Whether a client is let read."""
    try:
        client.get_object(Bucket="bucket", Key="k")
    except ClientError as error:
        if error.response["Error"]["Code"] != "AccessDenied":
            raise
        return False
    return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """One in the place of the machine's."""
    made = Clock()
    monkeypatch.setattr(cache, "time", made)
    return made


@pytest.mark.parametrize("stamps", [True, False])
def test_the_backend_is_asked_once(clock: Clock, stamps: bool) -> None:
    """However many requests there are, with stamps or (for a moment) without."""
    counting = Counting(load("memory", {}), stamps=stamps)
    with gateways(counting) as [clients]:
        clients["owner"].put_bucket_policy(Bucket="bucket", Policy=allow("bob"))
        counting.asked.clear()
        assert all(may_read(clients["bob"]) for _ in range(20))
        once = dict.fromkeys(("GetBucketAcl", "GetBucketPolicy", "GetBucketOwnershipControls"), 1)
        assert counting.asked == {"GetObject": 20, **once}


@pytest.mark.parametrize("who", ["owner", "root"])
def test_own_changes_count_at_once_without_stamps(who: str) -> None:
    """Also those of somebody whose requests aren't judged."""
    with gateways(Counting(load("memory", {}), stamps=False)) as [clients]:
        for number in range(10):
            clients[who].put_bucket_policy(Bucket="bucket", Policy=allow("bob" if number % 2 else "alice"))
            assert may_read(clients["bob"]) is bool(number % 2)


def test_without_stamps_others_changes_count_after_a_while(clock: Clock) -> None:
    """Not before, which is what the remembering is for."""
    shared = load("memory", {})
    with gateways(Counting(shared, stamps=False), Counting(shared, stamps=False)) as [one, other]:
        assert not may_read(other["bob"])
        one["owner"].put_bucket_policy(Bucket="bucket", Policy=allow("bob"))
        assert not may_read(other["bob"])
        clock.passed += cache.SECONDS
        assert may_read(other["bob"])


def test_changes_through_one_gateway_count_at_once_through_another(tmp_path: Path) -> None:
    """On a directory: policies, ACLs, the switches of the public access block, and a bucket made again."""
    options = {"path": str(tmp_path), "fsync": False}
    with gateways(load("posix", options), load("posix", options)) as [one, other]:
        for number in range(60):
            one["owner"].put_bucket_policy(Bucket="bucket", Policy=allow("bob" if number % 2 else "alice"))
            assert may_read(other["bob"]) is bool(number % 2)
            if number % 10 == 0:  # old enough for its stamp to be believed
                time.sleep(0.06)
                assert not may_read(other["bob"])
            one, other = other, one
        one["owner"].delete_object(Bucket="bucket", Key="k")
        one["owner"].delete_bucket(Bucket="bucket")
        one["root"].create_bucket(Bucket="bucket")
        one["root"].put_object(Bucket="bucket", Key="k")
        assert not may_read(other["owner"])


def test_workers_tell_each_other_of_changes(tmp_path: Path) -> None:
    """Of buckets and of accounts: what one of three answered counts for all of them, whichever is asked next."""
    data, iam = tmp_path / "data", tmp_path / "iam"
    data.mkdir()
    iam.mkdir(mode=0o700)
    keys: list[str | Path] = ["--access", "root", "--secret", "secret", "--iam-dir", iam]
    with serving(*keys, "--workers", "3", "posix", "--no-fsync", data) as server:
        root = Raw(server.endpoint())
        root("PUT", "/bucket")
        root("PUT", "/bucket/k", b"x")
        for number in range(12):
            name = f"bob{number}"
            row = f"<Account><Access>{name}</Access><Secret>s</Secret><Role>user</Role></Account>"
            assert root("PATCH", "/create-user", row.encode()).status == 201
            bob = Raw(Endpoint(server.url, name, "s", "us-east-1"))
            assert {bob("GET", "/bucket/k").status for _ in range(6)} == {403}
            assert root("PUT", "/bucket?policy", allow(name).encode()).status == 204
            assert {bob("GET", "/bucket/k").status for _ in range(6)} == {200}
            assert root("DELETE", "/bucket?policy").status == 204
            assert {bob("GET", "/bucket/k").status for _ in range(6)} == {403}


def test_changes_by_another_gateway_are_seen_in_a_moment(tmp_path: Path) -> None:
    """Also where stamps aren't looked at each time."""
    options = {"path": str(tmp_path), "fsync": False}
    with ExitStack() as stack:
        urls = []
        for _ in range(2):
            backend = load("posix", options)
            running = stack.enter_context(colonnade.testing.server(backend, accounts=Known(), mark=Mark()))
            urls.append(running.url)
        roots = [Raw(Endpoint(url, "root", "root", "us-east-1")) for url in urls]
        bobs = [Raw(Endpoint(url, "bob", "bob", "us-east-1")) for url in urls]
        roots[0]("PUT", "/bucket")
        roots[0]("PUT", "/bucket/k", b"x")
        for number in range(4):
            assert bobs[1]("GET", "/bucket/k").status == 403
            roots[0]("PUT", "/bucket?policy", allow("bob").encode())
            time.sleep(cache.EVERY + 0.01)
            assert bobs[1]("GET", "/bucket/k").status == 200, number
            roots[0]("DELETE", "/bucket?policy")
            time.sleep(cache.EVERY + 0.01)
