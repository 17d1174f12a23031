"""The members in their order, and the walk down them until one knows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from colonnade import context
from colonnade.errors import S3Error
from colonnade.multi.counters import FALLBACKS
from colonnade.multi.members import Kind, Member, Outcome, Role, unavailable

Ask = Callable[[Member], Awaitable[Outcome]]
#: Whether what lies below is hidden by the primary, given how the primary said that it has no such thing.
Veiled = Callable[[Outcome], Awaitable[bool]]
#: Whether an answer from below a member will do when the member itself can't be asked.
Passed = Callable[[Member], bool]


class Layers:
    """Several members, upper one first. The first one must be the primary, and the only one."""

    def __init__(self, members: Sequence[Member]) -> None:
        if not members or [m.role for m in members].count(Role.PRIMARY) != 1 or members[0].role is not Role.PRIMARY:
            raise ValueError("the first member, and no other, must have the role primary")
        if len({member.name for member in members}) != len(members):
            raise ValueError("two members have the same name")
        self.all = tuple(members)
        self.primary = members[0]
        self.lower = tuple(members[1:])
        self.replicas = tuple(member for member in members if member.role is Role.REPLICA)
        #: Whose version ids clients see. A replica's own are of copies, of what the primary has the ids of.
        self.issuers = tuple(member for member in members if member.role is not Role.REPLICA)

    async def ask_all(self, members: Iterable[Member], operation: str, arguments: Mapping[str, Any]) -> list[Outcome]:
        """What each of some members says to the same operation, all asked at once."""
        return await asyncio.gather(*(member.ask(operation, arguments) for member in members))

    async def walk(
        self,
        ask: Ask,
        veiled: Veiled,
        *,
        passed: Passed,
        missing: str = "NoSuchKey",
        members: Sequence[Member] = (),
    ) -> Outcome:
        """Ask one layer after the other, or only some `members`, until one knows; its outcome is an answer.

        A layer that can't be asked is passed over if `passed` says so. Raises the refusal of the layer that knows;
        the absence if every layer said so, or the primary hides what is below; ServiceUnavailable if a layer that
        may not be missed could not be asked, or none could. `missing` is the code for what members only call
        "not found".
        """
        absent: list[Outcome] = []
        silent: list[Member] = []
        for member in members or self.all:
            outcome = await ask(member)
            if outcome.kind in (Kind.ANSWER, Kind.REFUSAL):
                # Nobody knows what an upper layer that can't be asked would have said: changed, or deleted.
                context.set_served_by(f"{member.name}; stale" if silent else member.name)
                member.counters.own[FALLBACKS] += member is not self.primary
                outcome.take()
                return outcome
            if outcome.kind is Kind.ABSENT:
                absent.append(outcome)
                if member is self.primary:
                    try:
                        if self.lower and await veiled(outcome):
                            break
                    except S3Error as error:
                        outcome = member.failed("delete marker", error)
            if outcome.kind is Kind.UNREACHABLE:
                if not passed(member):
                    outcome.take()
                silent.append(member)
        for member in silent:
            if not (member.may_be_missed and absent):
                raise unavailable(member)
        raise absence(absent, missing)


def absence(outcomes: Sequence[Outcome], missing: str) -> S3Error:
    """The error that says it best: "no such key" by a layer that has the bucket rather than "no such bucket"."""
    errors = [outcome.error for outcome in outcomes if isinstance(outcome.error, S3Error)]
    named = [error for error in errors if error.code not in ("NotFound", "404")]
    for error in named:
        if error.code != "NoSuchBucket":
            return error
    return named[0] if named and len(named) == len(errors) else S3Error(missing, status=404)
