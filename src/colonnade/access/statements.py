"""Statements of policies, and what all of them together say of a request.

A policy is compiled for each account and action that ask for something: statements about others are gone then, and
those that depend on nothing but the key are one test of it. What depends on facts is asked one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from colonnade.access.conditions import Condition
from colonnade.access.wildcard import AnyOf, Facts, matches
from colonnade.remembered import Remembered

#: Accounts and actions that a policy is compiled for, in each of two generations.
MOST = 128


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `principals` are access keys, ``*`` for everybody; names of actions are in lower case."""

    allow: bool
    principals: frozenset[str]
    not_principals: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...]
    not_resources: bool
    conditions: tuple[Condition, ...]
    #: Whether it depends on the facts which resources it speaks of.
    varies: bool

    def names(self, who: str | None, action: str) -> bool:
        """Whether it speaks of somebody (None: nobody) and an action."""
        named = "*" in self.principals or (who is not None and who in self.principals)
        if named is self.not_principals:
            return False
        name = action.lower()
        return any(matches(pattern, name) for pattern in self.actions) is not self.not_actions

    def meets(self, resource: str, facts: Facts, variables: Facts | None) -> bool:
        """Whether it speaks of a resource, which has no ``arn:aws:s3:::``, and of a request with such facts."""
        meant = any(matches(pattern, resource, variables) for pattern in self.resources)
        return meant is not self.not_resources and all(each.holds(facts, variables) for each in self.conditions)


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a policy says to one account about one action: resources for sure, and statements to be asked."""

    denies: AnyOf
    may_deny: tuple[Statement, ...]
    allows: AnyOf
    may_allow: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A bucket's policy. `public` is S3's meaning of it; `keys` are the condition keys it looks at, lower case."""

    statements: tuple[Statement, ...]
    variables: bool
    public: bool
    keys: frozenset[str]
    about_tags: bool
    #: Whether it looks at whose account the bucket is.
    about_owner: bool
    _rules: Remembered[tuple[str | None, str], _Rules] = field(
        default_factory=lambda: Remembered(MOST), compare=False, repr=False
    )

    def says(self, who: str | None, action: str, resource: str, facts: Facts) -> bool | None:
        """False for denied, True for allowed, None if it says nothing of the request."""
        rules = self._rules.get((who, action)) or self._compile(who, action)
        if rules.denies.fits(resource):
            return False
        variables = facts if self.variables else None
        for statement in rules.may_deny:
            if statement.meets(resource, facts, variables):
                return False
        if rules.allows.fits(resource):
            return True
        for statement in rules.may_allow:
            if statement.meets(resource, facts, variables):
                return True
        return None

    def is_sure(self, who: str | None, action: str) -> bool:
        """Whether nothing but the resource decides what it says to somebody of an action."""
        rules = self._rules.get((who, action)) or self._compile(who, action)
        return not (rules.may_deny or rules.may_allow)

    def _compile(self, who: str | None, action: str) -> _Rules:
        named = [statement for statement in self.statements if statement.names(who, action)]
        sure = [statement for statement in named if self._is_sure(statement)]
        may = [statement for statement in named if not self._is_sure(statement)]
        rules = _Rules(
            _resources(statement for statement in sure if not statement.allow),
            tuple(statement for statement in may if not statement.allow),
            _resources(statement for statement in sure if statement.allow),
            tuple(statement for statement in may if statement.allow),
        )
        self._rules.put((who, action), rules)
        return rules

    def _is_sure(self, statement: Statement) -> bool:
        """Whether nothing but its patterns says which resources a statement speaks of."""
        return not (statement.conditions or statement.not_resources or (self.variables and statement.varies))


def _resources(statements: Iterable[Statement]) -> AnyOf:
    return AnyOf(pattern for statement in statements for pattern in statement.resources)
