"""Writing: everything lands in the primary, in a bucket that is made there if it exists only below."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade import context
from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.multi.layers import Layers
from colonnade.multi.members import MADE, Kind, Member, Outcome
from colonnade.multi.policies.base import WritePolicy
from colonnade.multi.reads import Reads
from colonnade.multi.veil import Veil
from colonnade.rules.conditions import check_write_arguments, matches


class Writes:
    """What every write has in common. `reads` tells what is visible, for conditions; `policy` when it is done."""

    def __init__(self, layers: Layers, veil: Veil, reads: Reads, policy: WritePolicy) -> None:
        self.layers = layers
        self.policy = policy
        self.primary = layers.primary
        self.veil = veil
        self.reads = reads
        #: Buckets the primary was seen to have. A hint: another worker may have deleted one since.
        self._seen: set[str] = set()

    async def create(self, operation: str, arguments: Arguments) -> Answer:
        """PutObject, CreateMultipartUpload, CompleteMultipartUpload: conditions hold for what is visible."""
        return (await self.send(operation, await self.judged(arguments))).take()

    async def change(self, operation: str, arguments: Arguments) -> Answer:
        """Anything else that goes to the primary as it is."""
        return (await self.send(operation, arguments)).take()

    async def plain(self, operation: str, arguments: Arguments) -> Answer:
        """What needs no bucket to be made: the steps of an upload that has begun.

        Where the bucket is only below no upload has: NoSuchUpload, for the bucket is there.
        """
        context.set_served_by(self.primary.name)
        try:
            return (await self.policy.write(operation, arguments)).take()
        except S3Error as error:
            if error.code != "NoSuchBucket":
                raise
            await self.visible(arguments["Bucket"])
            raise S3Error("NoSuchUpload", UploadId=arguments["UploadId"]) from error

    async def send(self, operation: str, arguments: Arguments) -> Outcome:
        """Carry out a write on the primary, in a bucket that it has or is given."""
        bucket = arguments["Bucket"]
        context.set_served_by(self.primary.name)
        if "Body" in arguments or "CopySource" in arguments:
            # A body can be read only once, so the bucket has to be there before; of a copy it would not be
            # clear which of the two buckets is missing.
            await self.ensure(bucket)
        outcome = await self.policy.write(operation, arguments)
        if outcome.code == "NoSuchBucket" and not outcome.touched:
            self._seen.discard(bucket)
            await self.ensure(bucket)
            outcome = await self.policy.write(operation, arguments)
        return outcome

    async def ensure(self, bucket: str) -> None:
        """Make a bucket in the primary if it exists only below. Raises NoSuchBucket if it doesn't at all."""
        if bucket in self._seen:
            return
        outcome = await self.primary.ask("HeadBucket", {"Bucket": bucket})
        if outcome.kind is Kind.ABSENT:
            await self.visible(bucket)
            made = await self.primary.ask("CreateBucket", {"Bucket": bucket})
            if made.code not in MADE:
                made.take()
        else:
            outcome.take()
        self._seen.add(bucket)

    def forget(self, bucket: str) -> None:
        """The primary no longer has a bucket."""
        self._seen.discard(bucket)

    async def visible(self, bucket: str, *, stale: bool = False, members: Sequence[Member] = ()) -> Outcome:
        """The layer, or the one of some `members`, that has a bucket, and what its HeadBucket says.

        Raises NoSuchBucket if none has it or it is deleted, ServiceUnavailable if that can't be told.
        """

        async def ask(member: Member) -> Outcome:
            return await member.ask("HeadBucket", {"Bucket": bucket})

        async def veiled(_: Outcome) -> bool:
            return await self.veil.hides_bucket(bucket)

        def passed(member: Member) -> bool:
            # The primary alone knows whether it is deleted.
            return stale or member is not self.primary

        return await self.layers.walk(ask, veiled, passed=passed, missing="NoSuchBucket", members=members)

    async def judged(self, arguments: Arguments) -> Arguments:
        """The arguments of a write with its conditions in a form that the primary alone can judge.

        What is visible may lie below: then If-None-Match fails at once, and If-Match, if it holds, becomes
        "still not in the primary". Raises PreconditionFailed, ServiceUnavailable if a layer can't be asked.
        """
        if not self.layers.lower or not ({"IfMatch", "IfNoneMatch"} & arguments.keys()):
            return arguments
        check_write_arguments(arguments)
        try:
            found = await self.reads.find(arguments["Bucket"], arguments["Key"])
        except S3Error as error:
            if error.status == 404:
                return arguments
            raise
        if found.member is self.primary:
            return arguments
        if "IfNoneMatch" in arguments:
            raise failed("If-None-Match")
        if not matches(arguments["IfMatch"], found.head["ETag"]):
            raise failed("If-Match")
        return {name: value for name, value in arguments.items() if name != "IfMatch"} | {"IfNoneMatch": "*"}


def failed(condition: str) -> S3Error:
    """A condition that does not hold."""
    message = "At least one of the pre-conditions you specified did not hold"
    return S3Error("PreconditionFailed", message, status=412, Condition=condition)
