"""Bucket policies: the language read.

Whatever can't be understood is refused with S3's MalformedPolicy when the policy is put; a policy that is already
there and can't be understood allows nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from colonnade.access import conditions, table
from colonnade.access.statements import Policy, Statement
from colonnade.access.wildcard import matches
from colonnade.errors import S3Error
from colonnade.rules import policystatus

_ARN = "arn:aws:s3:::"
_VERSIONS = ("2012-10-17", "2008-10-17")
_FIELDS = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
_PRINCIPALS = frozenset({"AWS", "CanonicalUser", "Federated", "Service"})
#: How the names begin of principals that never come here: held, but nobody's name.
NOBODYS = ("Federated:", "Service:")
_IAM = re.compile(r"arn:aws:(?:iam|sts)::([^:]*):(root|(?:user|role|assumed-role)/(?:.*/)?([^/]+))\Z")


@lru_cache(256)
def read(text: str, bucket: str) -> Policy:
    """A bucket's policy. Raises MalformedPolicy."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    _known(document, _FIELDS)
    version = document.get("Version", _VERSIONS[1])
    if version not in _VERSIONS:
        raise _malformed("The policy must contain a valid version string")
    if "Statement" not in document:
        raise _malformed("Missing required field Statement")
    rows = document["Statement"]
    rows = [rows] if isinstance(rows, dict) else rows
    if not isinstance(rows, list) or not rows:
        raise _malformed("Could not parse the policy: Statement is empty!")
    statements = tuple(_statement(row, bucket) for row in rows)
    keys = frozenset(condition.key for statement in statements for condition in statement.conditions)
    return Policy(
        statements,
        version == _VERSIONS[0],
        policystatus.is_public({"Statement": rows}),
        keys,
        any(key.startswith(table.TAG_KEYS[0]) for key in keys),
        not keys.isdisjoint(table.OWNER_KEYS),
    )


def _statement(row: Any, bucket: str) -> Statement:
    if not isinstance(row, dict):
        raise _malformed("Could not parse the policy: Statement is not an object")
    _known(row, _STATEMENT)
    effect = row.get("Effect")
    if effect is None:
        raise _malformed("Missing required field Effect")
    if effect not in ("Allow", "Deny"):
        raise _malformed(f"Invalid effect: {effect}")
    not_principals, principal = _either(row, "Principal")
    if not_principals and effect == "Allow":
        raise _malformed("Allow with NotPrincipal is not allowed.")
    not_actions, action = _either(row, "Action")
    not_resources, resource = _either(row, "Resource")
    actions, resources = _actions(action), _resources(resource, bucket)
    if not not_actions and not not_resources:
        _fit(actions, resources)
    return Statement(
        effect == "Allow",
        frozenset(_principals(principal)),
        not_principals,
        actions,
        not_actions,
        resources,
        not_resources,
        tuple(_conditions(row.get("Condition") or {})),
        any("${" in pattern for pattern in resources),
    )


def _either(row: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    """The value of an element or of its opposite, and whether it is the latter."""
    if name in row and f"Not{name}" in row:
        raise _malformed(f"Statement/policy already has instance of {name}")
    if name not in row and f"Not{name}" not in row:
        raise _malformed(
            f"Missing required field {name} cannot be empty!"
            if name == "Principal"
            else f"Missing required field {name}"
        )
    return name not in row, row.get(name, row.get(f"Not{name}"))


def _principals(value: Any) -> list[str]:
    """Access keys, out of ``*``, access keys, ARNs and account ids, alone or under the kind of principal they are."""
    if not isinstance(value, dict):
        return [_principal(text) for text in _texts(value, "Invalid principal in policy")]
    if not value or not value.keys() <= _PRINCIPALS:
        raise _malformed("Invalid principal in policy")
    found = []
    for kind, names in value.items():
        texts = _texts(names, "Invalid principal in policy")
        found += [_principal(text) if kind in ("AWS", "CanonicalUser") else f"{kind}:{text}" for text in texts]
    return found


def _principal(text: str) -> str:
    if text == "*":
        return text
    name = text
    if text.startswith("arn:"):
        found = _IAM.match(text)
        name = (found[1] if found[2] == "root" else found[3]) if found else ""
    if not name or "*" in name or "?" in name or name.startswith(NOBODYS):
        raise _malformed("Invalid principal in policy")
    return name


def _actions(value: Any) -> tuple[str, ...]:
    """Patterns of names in lower case, each of which some action is of."""
    found = tuple(text.lower() for text in _texts(value, "Policy has invalid action"))
    for pattern in found:
        if pattern != "*" and not any(matches(pattern, name) for name in table.ACTIONS):
            raise _malformed("Policy has invalid action")
    return found


def _resources(value: Any, bucket: str) -> tuple[str, ...]:
    """Patterns of ``bucket`` or ``bucket/key``."""
    found = []
    for text in _texts(value, "Policy has invalid resource"):
        if text != "*" and not text.startswith(_ARN):
            raise _malformed("Policy has invalid resource")
        pattern = text.removeprefix(_ARN)
        name = pattern.partition("/")[0]
        if not name or not ("${" in name or matches(name, bucket)):
            raise _malformed("Policy has invalid resource")
        found.append(pattern)
    return tuple(found)


def _fit(actions: Sequence[str], resources: Sequence[str]) -> None:
    """Each action must be one of buckets with a bucket among the resources, or one of objects with objects."""
    objects = any("/" in pattern or "*" in pattern for pattern in resources)
    buckets = any("/" not in pattern for pattern in resources)
    for pattern in actions:
        meant = [on_objects for name, on_objects in table.ACTIONS.items() if matches(pattern, name)]
        if not any(objects if on_objects else buckets for on_objects in meant):
            raise _malformed("Action does not apply to any resource(s) in statement")


def _conditions(value: Any) -> list[conditions.Condition]:
    if not isinstance(value, dict):
        raise _malformed("Conditions must be an object")
    found = []
    for operator, keys in value.items():
        if not isinstance(keys, dict):
            raise _malformed(f"Invalid Condition type : {operator}")
        for key, values in keys.items():
            if not _known_key(key):
                raise _malformed("Policy has an invalid condition key")
            try:
                found.append(conditions.read(operator, key, _scalars(values)))
            except ValueError as error:
                raise _malformed(f"Invalid Condition type : {operator}") from error
    return found


def _known_key(key: str) -> bool:
    name = key.lower()
    return not name.startswith("s3:") or name in table.KEYS or name.startswith(table.TAG_KEYS)


def _texts(value: Any, wrong: str) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(text, str) and text for text in values):
        raise _malformed(wrong)
    return values


def _scalars(value: Any) -> list[str]:
    """Values of a condition; JSON's own numbers and booleans are taken too. Raises ValueError."""
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str | int | float) for each in values):
        raise ValueError(value)
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in values]


def _known(document: Mapping[str, Any], fields: frozenset[str]) -> None:
    for name in document:
        if name not in fields:
            raise _malformed(f"Unknown field {name}")


def _malformed(message: str) -> S3Error:
    return S3Error("MalformedPolicy", message)
