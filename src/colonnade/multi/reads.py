"""Reading objects: the first layer that knows the key answers."""

from __future__ import annotations

import time
from dataclasses import dataclass

from colonnade import context
from colonnade.backend import Answer, Arguments
from colonnade.body import BytesBody
from colonnade.multi import acls
from colonnade.multi.layers import Ask, Layers
from colonnade.multi.members import Kind, Member, Outcome, Role
from colonnade.multi.streams import Source, begin, first_piece, relay, resumer
from colonnade.multi.veil import Veil


@dataclass(slots=True)
class Found:
    """The layer that has a key, and what its HeadObject says of it."""

    member: Member
    head: Answer


class Reads:
    """Every operation that reads one object. `stale`: serve from below while an upper layer can't be asked."""

    def __init__(self, layers: Layers, veil: Veil, *, stale: bool) -> None:
        self.layers = layers
        self.primary = layers.primary
        self.veil = veil
        self.stale = stale

    async def read(self, operation: str, arguments: Arguments) -> Answer:
        """GetObjectTagging, HeadObject and the like."""

        async def ask(member: Member) -> Outcome:
            return await member.ask(operation, arguments)

        return (await self._walk(ask, arguments, stale=self.stale)).take()

    async def acl(self, operation: str, arguments: Arguments) -> Answer:
        """GetObjectAcl, in terms of our accounts if the primary keeps those."""
        if not self.primary.backend.object_acls:
            return await self.read(operation, arguments)

        async def ask(member: Member) -> Outcome:
            return await acls.ask(member, arguments)

        outcome = await self._walk(ask, arguments, stale=self.stale)
        return await acls.said(self.primary, outcome, arguments["Bucket"])

    async def get(self, operation: str, arguments: Arguments) -> Answer:
        """GetObject: the layer that answers has given its first bytes, and another goes on if it breaks."""
        began = time.monotonic()
        said = await self.primary.ask("GetObject", arguments)
        if said.answer is not None and isinstance(said.answer["Body"], BytesBody):
            # What most reads come to: the first layer has it, and so little of it that nothing can break any more.
            context.set_served_by(self.primary.name)
            return said.answer
        begun: dict[Member, tuple[bytes, Source]] = {}

        async def ask(member: Member) -> Outcome:
            if member is self.primary:
                outcome, first, source = await first_piece(member, said, began)
            else:
                outcome, first, source = await begin(member, arguments)
            if source is not None:
                begun[member] = first, source
            return outcome

        outcome = await self._walk(ask, arguments, stale=self.stale)
        return self._relayed(outcome, arguments, *begun[outcome.member])

    async def of(self, member: Member, operation: str, arguments: Arguments) -> Answer:
        """What one layer says of an object it has; a body that breaks may go on from the layers below it."""
        if operation != "GetObject":
            return await member.demand(operation, arguments)
        outcome, first, source = await begin(member, arguments)
        outcome.take()
        assert source is not None
        return self._relayed(outcome, arguments, first, source)

    def _relayed(self, outcome: Outcome, arguments: Arguments, first: bytes, source: Source) -> Answer:
        answer = outcome.take()
        others = self.layers.all[self.layers.all.index(outcome.member) + 1 :]
        return relay(answer, first, source, resumer(answer, arguments, list(others)))

    async def find(self, bucket: str, key: str, version: str | None = None) -> Found:
        """Which layer has a key, for a change that depends on it: with an upper layer down nobody knows.

        Raises NoSuchKey, NoSuchBucket, NoSuchVersion if none has it, ServiceUnavailable if one can't say.
        """
        arguments: Arguments = {"Bucket": bucket, "Key": key, "ChecksumMode": "ENABLED"}
        if version:
            arguments["VersionId"] = version

        async def ask(member: Member) -> Outcome:
            return await member.ask("HeadObject", arguments)

        outcome = await self._walk(ask, arguments, stale=False)
        return Found(outcome.member, outcome.take())

    async def _walk(self, ask: Ask, arguments: Arguments, *, stale: bool) -> Outcome:
        version = arguments.get("VersionId")

        async def asked(member: Member) -> Outcome:
            outcome = await ask(member)
            if version and outcome.code == "InvalidArgument":
                # A layer calls ids invalid that are not of its own making: another one issued them.
                outcome.kind = Kind.ABSENT
            return outcome

        async def veiled(absent: Outcome) -> bool:
            # Older versions stay readable when a key is deleted; the null version is the one that goes.
            if version and version != "null":
                return await self.veil.hides_bucket(arguments["Bucket"])
            return await self.veil.hides_key(arguments["Bucket"], arguments["Key"], absent)

        passed = _anybody if stale else _dispensable
        return await self.layers.walk(asked, veiled, passed=passed, members=self.layers.issuers if version else ())


def _anybody(_: Member) -> bool:
    return True


def _dispensable(member: Member) -> bool:
    """Any upper layer may hold something newer, or know that it is deleted, but for those that may be missed."""
    return member.may_be_missed and member.role is not Role.PRIMARY
