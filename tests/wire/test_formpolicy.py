"""Policies of forms, as Amazon's "Creating a POST Policy" describes them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from colonnade.errors import S3Error
from colonnade.wire import formpolicy

_END = "2030-01-01T00:00:00.000Z"


def read(document: Any) -> formpolicy.Policy:
    """A policy from what its JSON says."""
    return formpolicy.read(base64.b64encode(json.dumps(document).encode()).decode())


def refusal(conditions: list[Any], **fields: str) -> str | None:
    """What a policy says of a form, None where it allows it."""
    try:
        read({"expiration": _END, "conditions": conditions}).check(fields, 0)
    except S3Error as error:
        return str(error).removeprefix("AccessDenied: Invalid according to Policy: ")
    return None


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ([], "Invalid JSON."),
        ({"conditions": []}, "Policy missing expiration."),
        ({"expiration": _END}, "Policy missing conditions."),
        ({"expiration": _END, "conditions": {}}, "Invalid 'conditions' value: must be a List."),
        ({"expiration": _END, "conditions": [], "more": 1}, "Unexpected: 'more'"),
        ({"expiration": "tomorrow", "conditions": []}, "Invalid 'expiration' value: 'tomorrow'"),
        ({"expiration": 1, "conditions": []}, "Invalid 'expiration' value: '1'"),
        ({"expiration": _END, "conditions": [["eq", "key", "x"]]}, 'Invalid condition: ["eq", "key", "x"]'),
        ({"expiration": _END, "conditions": [["in", "$key", "x"]]}, 'Invalid condition: ["in", "$key", "x"]'),
        ({"expiration": _END, "conditions": [{"a": "b", "c": "d"}]}, 'Invalid condition: {"a": "b", "c": "d"}'),
        ({"expiration": _END, "conditions": [{"a": 1}]}, 'Invalid condition: {"a": 1}'),
        (
            {"expiration": _END, "conditions": [["content-length-range", "a", 1]]},
            'Invalid condition: ["content-length-range", "a", 1]',
        ),
    ],
)
def test_documents_that_are_no_policy(document: Any, message: str) -> None:
    """What can't be understood is refused, with what is wrong with it."""
    with pytest.raises(S3Error) as caught:
        read(document)
    assert (caught.value.code, caught.value.message) == ("InvalidPolicyDocument", f"Invalid Policy: {message}")


@pytest.mark.parametrize("encoded", ["", "!", "e30", base64.b64encode(b"\xff{").decode()])
def test_what_is_not_even_json(encoded: str) -> None:
    """Neither base64 nor JSON."""
    with pytest.raises(S3Error, match="InvalidPolicyDocument"):
        formpolicy.read(encoded)


def test_both_forms_of_equality() -> None:
    """An object and a list say the same, whatever the case of the field's name."""
    for condition in ({"Key": "a"}, ["eq", "$key", "a"]):
        assert refusal([condition], key="a") is None
        assert (refusal([condition], key="b") or "").startswith("Policy Condition failed: ")


def test_a_condition_on_a_field_that_is_missing() -> None:
    """A field that isn't there is empty."""
    assert refusal([{"acl": "private"}]) == 'Policy Condition failed: ["eq", "$acl", "private"]'
    assert refusal([["starts-with", "$acl", ""]]) is None


def test_every_condition_counts() -> None:
    """Two conditions on one field must both hold."""
    both = [["starts-with", "$key", "a"], ["starts-with", "$key", "ab"]]
    assert refusal(both, key="abc") is None
    assert refusal(both, key="ac") is not None


def test_fields_without_a_condition() -> None:
    """All must be covered but a few."""
    free = {"policy": "x", "x-amz-signature": "x", "x-ignore-a": "x"}
    assert refusal([], **free) is None
    assert refusal([], **free, acl="x", bucket="b") == "Extra input fields: acl, bucket"
