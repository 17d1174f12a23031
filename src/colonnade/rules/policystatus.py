"""Whether a bucket policy is public, as Amazon means it: "The meaning of public" in the S3 user guide.

A policy is public until shown otherwise. It isn't if every Allow is held to fixed principals, or by a condition
to fixed values of a key that says where a request comes from. A value with a wildcard or a policy variable is
not fixed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

#: Keys of conditions (in lower case) that say who asks or where from.
_SOURCES = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceip",
        "aws:sourceowner",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:userid",
        "s3:dataaccesspointaccount",
        "s3:dataaccesspointarn",
    }
)

#: Operators that let a request pass only if the key is there and has one of the values.
_OPERATORS = frozenset({"stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike", "ipaddress"})

#: Wider ranges of addresses count as everybody.
_WIDEST = {4: 8, 6: 32}


def is_public(policy: Mapping[str, Any]) -> bool:
    """Whether a policy, parsed, grants anything to everybody."""
    statements = policy.get("Statement") or []
    if isinstance(statements, Mapping):
        statements = [statements]
    return any(statement.get("Effect") == "Allow" and not _held(statement) for statement in statements)


def _held(statement: Mapping[str, Any]) -> bool:
    """Whether a statement is held to fixed principals or sources."""
    if "Principal" in statement and _principals_fixed(statement["Principal"]):
        return True
    return any(
        _fixed_condition(str(operator), conditions)
        for operator, conditions in (statement.get("Condition") or {}).items()
    )


def _principals_fixed(principal: Any) -> bool:
    if isinstance(principal, Mapping):
        return bool(principal) and all(_principals_fixed(value) for value in principal.values())
    values = _texts(principal)
    return bool(values) and all(_fixed(value) for value in values)


def _fixed_condition(operator: str, conditions: Any) -> bool:
    """Whether one operator's conditions hold a statement to fixed sources."""
    operator = operator.lower().removeprefix("foranyvalue:")
    if operator not in _OPERATORS or not isinstance(conditions, Mapping):
        return False
    return any(_fixed_source(str(key).lower(), _texts(values)) for key, values in conditions.items())


def _fixed_source(key: str, values: list[str]) -> bool:
    if key not in _SOURCES or not values:
        return False
    if key == "aws:sourceip":
        return all(_narrow(value) for value in values)
    if key == "s3:dataaccesspointarn":
        return all(_access_point_fixed(value) for value in values)
    if key == "aws:userid":  # AROLEID:* is everybody in a role, which is a fixed thing only with a session's name
        return all(_fixed(value) and not value.endswith(":") for value in values)
    return all(_fixed(value) for value in values)


def _access_point_fixed(arn: str) -> bool:
    """The name of an access point may be a wildcard as long as the account is fixed."""
    pieces = arn.split(":", 5)
    return len(pieces) == 6 and _fixed(pieces[4]) and bool(pieces[4])


def _narrow(cidr: str) -> bool:
    try:
        network = ipaddress.ip_network(cidr, strict=False)
    except ValueError:
        return False
    return network.is_private or network.prefixlen >= _WIDEST[network.version]


def _fixed(value: str) -> bool:
    return not any(mark in value for mark in ("*", "?", "${"))


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
