"""botocore's own client asks, the wire answers: every operation there and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from colonnade.backend import method_name
from colonnade.body import BytesBody
from colonnade.model import OPERATIONS, Operation
from colonnade.wire import extras, times
from tests.wire.exchange import Exchange
from tests.wire.shapes import Maker

ROUTED = sorted(OPERATIONS.keys() - extras.UNROUTED.keys())
RENDERED = sorted(set(ROUTED) - extras.UNRENDERED.keys())
SEEDS = ["full", "some", "other", "few"]

#: Arguments the wire keeps to itself (see `parse`), or that botocore answers for on its own.
SETTLED = frozenset({"EncodingType", "ContentLength", "ChecksumAlgorithm"}) | {
    f"{side}SSECustomerKey{digest}" for side in ("", "CopySource") for digest in ("", "MD5")
}


@pytest.fixture(scope="module")
def exchange() -> Exchange:
    """One client for all."""
    return Exchange()


def arguments_of(operation: Operation, seed: str) -> dict[str, Any]:
    """Arguments the client takes."""
    members = (*operation.input.headers, *operation.input.query)
    payload = operation.input.payload
    whole = payload is None or payload.shape.kind != "blob"
    without = {
        *SETTLED,
        *(m.name for m in members if m.name.startswith("Response")),
        *(["ContentMD5"] if whole else []),
    }
    maker = Maker(f"{operation.name}/{seed}", full=seed == "full")
    made = maker.members(operation.input, frozenset(without))
    if payload is not None and (operation.name in extras.BODY_REQUIRED or not whole):
        made.setdefault(payload.name, maker.member(payload))
    for member in operation.input.uri:
        made[member.name] = {"Bucket": "my.bucket", "Key": "a//../k +%é"}[member.name]
    if "CopySource" in made:
        made["CopySource"] = {"Bucket": "other", "Key": "k +%é?&", "VersionId": "v1"}
    if operation.name == "RenameObject":
        made["ClientToken"] = "token"
    return made


def expected(arguments: dict[str, Any], body: bytes) -> dict[str, Any]:
    """The arguments as the wire hands them on."""
    out = dict(arguments)
    if isinstance(out.get("Expires"), datetime):
        out["Expires"] = times.http(out["Expires"])
    if "Body" in out:
        out["ContentLength"] = len(body)
    return out


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", RENDERED)
def test_what_a_client_asks_is_what_the_backend_is_asked(exchange: Exchange, name: str, seed: str) -> None:
    """A request of botocore's serialiser is routed to its operation and gives its arguments back."""
    arguments = arguments_of(OPERATIONS[name], seed)
    exchange.answer = {}
    sent = dict(arguments)
    if "Expires" in sent:
        sent["Expires"] = datetime(2030, 1, 1, tzinfo=UTC)
        arguments["Expires"] = sent["Expires"]
    getattr(exchange.client, method_name(name))(**sent)
    got = {key: exchange.body if isinstance(value, BytesBody) else value for key, value in exchange.arguments.items()}
    assert exchange.operation == name
    assert got == expected(arguments, exchange.body)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", RENDERED)
def test_what_the_backend_answers_is_what_the_client_gets(exchange: Exchange, name: str, seed: str) -> None:
    """An answer is read by botocore's parser as it was given."""
    operation = OPERATIONS[name]
    made = Maker(f"{name}/answer/{seed}", full=seed == "full").members(operation.output, frozenset({"Expires"}))
    made.pop("EncodingType", None)
    if name == "ListObjects":
        made.pop("Prefix", None)  # S3 encodes it, and botocore forgets to decode it in this one listing
    payload = operation.output.payload
    if payload is not None and payload.shape.kind == "blob" and "ContentLength" in made:
        made["ContentLength"] = len(made.get(payload.name, b""))
    exchange.answer = made
    arguments = arguments_of(operation, "few")
    arguments.pop("ChecksumMode", None)  # or botocore holds the made up checksums against the body
    response = getattr(exchange.client, method_name(name))(**arguments)
    got = {key: value.read() if hasattr(value, "read") else value for key, value in response.items()}
    assert {key: got.get(key) for key in made} == made


def test_every_operation_of_the_model_is_accounted_for() -> None:
    """What isn't routed or rendered is declared, with a reason, and nothing else is missing."""
    assert len(OPERATIONS) == 116
    assert set(ROUTED) | extras.UNROUTED.keys() == OPERATIONS.keys()
    assert set(RENDERED) | extras.UNROUTED.keys() | extras.UNRENDERED.keys() == OPERATIONS.keys()
    assert all({**extras.UNROUTED, **extras.UNRENDERED}.values())
