"""A write is done when the primary and every replica has it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from colonnade.backend import Arguments
from colonnade.body import as_body
from colonnade.errors import S3Error
from colonnade.multi.members import Kind, Member, Outcome
from colonnade.multi.policies.base import REPLICATED, OverReplicas
from colonnade.multi.tee import Branch, Tee

#: What is set on an object where it is decided, and not where it is only held.
PRIMARYS = frozenset({"ACL", "ExpectedBucketOwner", "StorageClass", "WebsiteRedirectLocation"})

#: With a condition, only the primary knows whether there will be a write at all.
CONDITIONS = frozenset({"IfMatch", "IfNoneMatch"})


class Every(OverReplicas):
    """All of them, before it is answered (``write = "all"``).

    What reached some and not the others can't be undone, for what it overwrote is gone: the queue rolls it forward,
    and the client is told 503, so that it may send it again.
    """

    async def write(self, operation: str, arguments: Arguments) -> Outcome:
        """What the primary says, once every replica has the same; else an outcome that says who lacks it."""
        if operation not in REPLICATED:
            return await self.primary.ask(operation, arguments)
        async with self.replicas.intent(arguments) as intent:
            if operation == "PutObject" and self._can_be_at_once(arguments):
                outcome, lacking = await self._at_once(operation, arguments)
            else:
                outcome, lacking = await self.primary.ask(operation, arguments), self.replicas.names
                if outcome.kind in (Kind.REFUSAL, Kind.ABSENT):
                    intent.behind = ()
                    return outcome
            intent.behind = lacking
        if outcome.answer is None:
            return outcome
        behind = self.replicas.names if intent.crossed else tuple(lacking)
        left = await self.replicas.bring_now(behind, arguments["Bucket"], arguments.get("Key", ""))
        return _short(outcome, left) if left else outcome

    def _can_be_at_once(self, arguments: Arguments) -> bool:
        granted = any(name == "ACL" or name.startswith("Grant") for name in arguments)
        if granted and any(member.backend.object_acls for member in self.replicas.members):
            return False  # who is meant by a canned ACL, the primary says
        return "Body" in arguments and not CONDITIONS & arguments.keys()

    async def _at_once(self, operation: str, arguments: Arguments) -> tuple[Outcome, Sequence[str]]:
        """One upload to all of them together: what the primary says, and who does not have the same."""
        body = as_body(arguments["Body"])
        tee = Tee(body, 1 + len(self.replicas.members))
        first, *others = tee.branches
        copied = {name: value for name, value in arguments.items() if not _is_primarys(name)}
        uploads = [
            asyncio.create_task(self._upload(member, operation, copied, branch))
            for member, branch in zip(self.replicas.members, others, strict=True)
        ]
        try:
            outcome = await self._upload(self.primary, operation, arguments, first)
            if outcome.answer is None:
                tee.fail(S3Error("ServiceUnavailable", "The primary did not take it."))
        except Exception as error:
            tee.fail(error)
            raise
        finally:
            results = await asyncio.gather(*uploads, return_exceptions=True)
            body.trailers = tee.source.trailers
            await tee.aclose()
        got = [isinstance(result, Outcome) and result.answer is not None for result in results]
        if outcome.kind is Kind.UNREACHABLE:  # nobody knows whether the primary has it
            return outcome, self.replicas.names
        has_it = zip(self.replicas.members, got, strict=True)
        return outcome, [member.name for member, has in has_it if has is (outcome.answer is None)]

    async def _upload(self, member: Member, operation: str, arguments: Arguments, branch: Branch) -> Outcome:
        passed: dict[str, Any] = {**arguments, "Body": branch}
        try:
            return await member.ask(operation, passed)
        finally:
            await branch.aclose()


def _is_primarys(name: str) -> bool:
    return name in PRIMARYS or name.startswith(("Grant", "ObjectLock"))


def _short(outcome: Outcome, left: Sequence[str]) -> Outcome:
    message = (
        f"The write reached {outcome.member.name} but not yet {', '.join(left)}, where it will be carried out as soon "
        "as that is possible. It is safe to retry."
    )
    return Outcome(outcome.member, Kind.UNREACHABLE, None, S3Error("ServiceUnavailable", message))
