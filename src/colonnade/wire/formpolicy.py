"""What the policy of a form allows: Amazon S3 API reference, "Creating a POST Policy"."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from colonnade.body import Body
from colonnade.errors import S3Error

#: Fields that need no condition, and the prefix of those that are only for the page's own use.
_FREE = frozenset({"x-amz-signature", "file", "policy"})
_IGNORED = "x-ignore-"

_RANGE = "content-length-range"


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy that was read: when it ends (seconds since the epoch), and its conditions.

    `conditions` are (operator, field in lower case, text, as written); `sizes` is the least and most the file may
    hold, in bytes.
    """

    expiration: float
    conditions: tuple[tuple[str, str, str, Any], ...]
    sizes: tuple[int, int] | None

    def check(self, fields: Mapping[str, str], now: float) -> None:
        """Raise AccessDenied unless the policy allows a form of these fields, ``bucket`` among them."""
        if now > self.expiration:
            raise _denied("Policy expired.")
        for operator, name, text, written in self.conditions:
            if not _holds(operator, name, fields.get(name, ""), text):
                raise _denied(f"Policy Condition failed: {json.dumps(written)}")
        covered = {name for _, name, _, _ in self.conditions}
        extra = [each for each in fields if each not in covered | _FREE and not each.startswith(_IGNORED)]
        if extra:
            raise _denied(f"Extra input fields: {', '.join(extra)}")


def read(encoded: str) -> Policy:
    """A policy from a form's field. Raises InvalidPolicyDocument."""
    try:
        document = json.loads(base64.b64decode(encoded, validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise _invalid("Invalid JSON.") from None
    if not isinstance(document, dict):
        raise _invalid("Invalid JSON.")
    for name in ("expiration", "conditions"):
        if name not in document:
            raise _invalid(f"Policy missing {name}.")
    for name in document:
        if name not in ("expiration", "conditions"):
            raise _invalid(f"Unexpected: '{name}'")
    if not isinstance(document["conditions"], list):
        raise _invalid("Invalid 'conditions' value: must be a List.")
    conditions, sizes = [], None
    for each in document["conditions"]:
        if isinstance(each, list) and each and each[0] == _RANGE:
            sizes = _sizes(each)
        else:
            conditions.extend(_conditions(each))
    return Policy(_expiration(document["expiration"]), tuple(conditions), sizes)


def _expiration(text: Any) -> float:
    """ISO 8601 in UTC, as S3 wants it: ``2030-01-01T00:00:00.000Z``."""
    try:
        if not text.endswith("Z"):
            raise ValueError(text)
        return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC).timestamp()
    except (ValueError, AttributeError, TypeError):
        raise _invalid(f"Invalid 'expiration' value: '{text}'") from None


def _conditions(written: Any) -> list[tuple[str, str, str, Any]]:
    """A condition in either form; an object may hold only one field."""
    if isinstance(written, dict) and len(written) == 1:
        ((name, text),) = written.items()
        if isinstance(text, str):
            return [("eq", name.lower(), text, ["eq", f"${name}", text])]
    elif isinstance(written, list) and len(written) == 3 and all(isinstance(each, str) for each in written):
        operator, name, text = written
        if operator.lower() in ("eq", "starts-with") and name.startswith("$"):
            return [(operator.lower(), name[1:].lower(), text, written)]
    raise _invalid(f"Invalid condition: {json.dumps(written)}")


def _sizes(written: list[Any]) -> tuple[int, int]:
    try:
        _, least, most = written
        if isinstance(least, bool) or isinstance(most, bool):
            raise TypeError
        return int(least), int(most)
    except (ValueError, TypeError):
        raise _invalid(f"Invalid condition: {json.dumps(written)}") from None


def _holds(operator: str, name: str, value: str, text: str) -> bool:
    if operator == "eq":
        return value == text
    if name == "content-type":  # a list of types is allowed if each of them is
        return all(each.strip().startswith(text) for each in value.split(","))
    return value.startswith(text)


class Sized(Body):
    """A file that must be as long as its policy says; nothing is kept of one that isn't."""

    def __init__(self, inner: Body, sizes: tuple[int, int]) -> None:
        super().__init__(inner.length)
        self.inner = inner
        self.least, self.most = sizes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self.inner:
            size += len(piece)
            if size > self.most:
                raise S3Error("EntityTooLarge", ProposedSize=size, MaxSizeAllowed=self.most)
            yield piece
        if size < self.least:
            raise S3Error("EntityTooSmall", ProposedSize=size, MinSizeAllowed=self.least)


def _denied(why: str) -> S3Error:
    return S3Error("AccessDenied", f"Invalid according to Policy: {why}")


def _invalid(why: str) -> S3Error:
    return S3Error("InvalidPolicyDocument", f"Invalid Policy: {why}")
