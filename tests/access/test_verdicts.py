"""A read that was allowed is allowed again for as long as all that allowed it stays, and no longer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from colonnade.backends import load
from tests.access.test_cache import gateways

WRITER = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}


def policy(effect: str, **condition: Any) -> str:
    """What a bucket says to bob about reading."""
    row = {"Effect": effect, "Principal": {"AWS": "bob"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}
    return json.dumps({"Statement": [{**row, **condition}]})


@pytest.fixture
def clients() -> Iterator[dict[str, Any]]:
    """Clients of a bucket whose objects have ACLs; a policy lets bob read, who did so twice."""
    with gateways(load("memory", {})) as (made,):
        made["owner"].put_bucket_ownership_controls(Bucket="bucket", OwnershipControls=WRITER)
        made["owner"].put_bucket_policy(Bucket="bucket", Policy=policy("Allow"))
        assert [read(made["bob"]) for _ in range(2)] == [200, 200]
        yield made


def read(client: Any, **more: str) -> int:
    """The status of a GET."""
    try:
        return int(client.get_object(Bucket="bucket", Key="k", **more)["ResponseMetadata"]["HTTPStatusCode"])
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "the policy denies it": lambda s3: s3["owner"].put_bucket_policy(Bucket="bucket", Policy=policy("Deny")),
    "there is no policy": lambda s3: s3["owner"].delete_bucket_policy(Bucket="bucket"),
    "it is somebody else's": lambda s3: s3["root"].put_object(Bucket="bucket", Key="k", Body=b"other"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_counts_at_once(clients: dict[str, Any], change: str) -> None:
    """With the very next read."""
    CHANGES[change](clients)
    assert read(clients["bob"]) == 403


def test_what_depends_on_the_request_is_asked_each_time(clients: dict[str, Any]) -> None:
    """A policy that looks at a parameter says something else without it."""
    condition = {"StringEquals": {"aws:UserAgent": "an agent"}}
    clients["owner"].put_bucket_policy(Bucket="bucket", Policy=policy("Allow", Condition=condition))
    agents = ["an agent", "another", "an agent", "another"]
    clients["bob"].meta.events.register(
        "before-send.s3.GetObject", lambda request, **_: request.headers.__setitem__("User-Agent", agents.pop(0))
    )
    assert [read(clients["bob"]) for _ in range(4)] == [200, 403, 200, 403]
