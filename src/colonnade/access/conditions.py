"""The operators of a policy's Condition, as "IAM JSON policy elements: Condition operators" has them.

An operator compares the values a request has of a key with those of the policy; which of them must agree, and
what a missing key means, is the same for all.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import TypeAlias

from colonnade.access.wildcard import Facts, matches, spell

#: (a value of the policy, a value of the request, what variables stand for, None where there are none) -> whether they
#: agree. Raises ValueError.
Compare: TypeAlias = Callable[[str, str, Facts | None], bool]


def _equal(wanted: str, given: str, variables: Facts | None) -> bool:
    return spell(wanted, variables) == given


def _equal_ignoring_case(wanted: str, given: str, variables: Facts | None) -> bool:
    spelled = spell(wanted, variables)
    return spelled is not None and spelled.casefold() == given.casefold()


def _arn(wanted: str, given: str, variables: Facts | None) -> bool:
    """Each of the six parts by itself, so that a star doesn't reach over a colon."""
    patterns, parts = wanted.split(":", 5), given.split(":", 5)
    return len(patterns) == len(parts) and all(matches(p, t, variables) for p, t in zip(patterns, parts, strict=True))


def _bool(wanted: str, given: str, _: Facts | None) -> bool:
    return wanted.lower() == given.lower()


def _ip(wanted: str, given: str, _: Facts | None) -> bool:
    return _address(given) in _network(wanted)


@lru_cache(1024)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    address = ipaddress.ip_address(text)
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(1024)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


def number(text: str) -> Decimal:
    """A number. Raises ValueError."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite():
        raise ValueError(text)
    return value


def moment(text: str) -> Decimal:
    """A date, ISO 8601 or in seconds since 1970, as the latter. Raises ValueError."""
    try:
        return number(text)
    except ValueError:
        found = datetime.fromisoformat(text)
        return Decimal(str((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()))


def _ordered(read: Callable[[str], Decimal], agree: Callable[[Decimal, Decimal], bool]) -> Compare:
    once = lru_cache(256)(read)  # a policy's values are few, those of requests are many
    return lambda wanted, given, _: agree(read(given), once(wanted))


_ORDER: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "equals": lambda given, wanted: given == wanted,
    "lessthan": lambda given, wanted: given < wanted,
    "lessthanequals": lambda given, wanted: given <= wanted,
    "greaterthan": lambda given, wanted: given > wanted,
    "greaterthanequals": lambda given, wanted: given >= wanted,
}

_COMPARE: dict[str, Compare] = {
    "stringequals": _equal,
    "stringequalsignorecase": _equal_ignoring_case,
    "stringlike": matches,
    "arnequals": _arn,
    "arnlike": _arn,
    "bool": _bool,
    "binaryequals": _equal,
    "ipaddress": _ip,
    **{f"numeric{name}": _ordered(number, agree) for name, agree in _ORDER.items()},
    **{f"date{name}": _ordered(moment, agree) for name, agree in _ORDER.items()},
}

#: Operators that say no to what another says yes to.
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}

#: How the values of a policy are read, where not everything is one: operators begin with it -> reader.
_READ: Mapping[str, Callable[[str], object]] = {
    "numeric": number,
    "date": moment,
    "ipaddress": _network,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One key under one operator. `quantifier` is foranyvalue, forallvalues or nothing."""

    operator: str
    key: str
    values: tuple[str, ...]
    negated: bool = False
    if_exists: bool = False
    quantifier: str = ""

    def holds(self, facts: Facts, variables: Facts | None) -> bool:
        """Whether a request of which `facts` are known meets it; variables stand for `variables`, if for anything."""
        given = facts.get(self.key, ())
        if self.operator == "null":
            return any((value.lower() == "true") is not bool(given) for value in self.values)
        if not given:
            return self.if_exists or self.quantifier == "forallvalues" or (self.negated and not self.quantifier)
        if len(given) == 1 == len(self.values):  # as most are, and then all quantifiers mean the same
            return _agree(self.operator, self.values[0], given[0], variables) is not self.negated
        each = (self._meets(value, variables) for value in given)
        return any(each) if self.quantifier == "foranyvalue" else all(each)

    def _meets(self, given: str, variables: Facts | None) -> bool:
        return any(_agree(self.operator, wanted, given, variables) for wanted in self.values) is not self.negated


def _agree(operator: str, wanted: str, given: str, variables: Facts | None) -> bool:
    try:
        return _COMPARE[operator](wanted, given, variables)
    except ValueError:  # what the request has is no number, no date, no address: it isn't the one wanted
        return False


def read(operator: str, key: str, values: Sequence[str]) -> Condition:
    """A condition as a policy writes it. Raises ValueError for an operator or a value there is not."""
    name = operator.lower()
    quantifier, colon, rest = name.partition(":")
    if colon:
        if quantifier not in ("foranyvalue", "forallvalues"):
            raise ValueError(operator)
        name = rest
    bare = name.removesuffix("ifexists")
    if bare == "null":
        if bare != name or colon or not all(value.lower() in ("true", "false") for value in values):
            raise ValueError(operator)
        return Condition(bare, key.lower(), tuple(values))
    positive = _NEGATED.get(bare, bare)
    if positive not in _COMPARE:
        raise ValueError(operator)
    for start, reader in _READ.items():
        if positive.startswith(start):
            for value in values:
                reader(value)
    return Condition(positive, key.lower(), tuple(values), bare in _NEGATED, bare != name, quantifier if colon else "")
