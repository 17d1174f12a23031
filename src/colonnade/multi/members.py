"""A member of several-as-one: a backend with a name and a place, asked under a time-out.

What comes of asking is one of four things, and everything else in this package is decided on them.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from colonnade.backend import Answer, Arguments, Backend
from colonnade.body import as_body
from colonnade.errors import S3Error
from colonnade.multi.begun import Begun
from colonnade.multi.breaker import Breaker
from colonnade.multi.counters import ERRORS, REQUESTS, SECONDS, Counters
from colonnade.multi.pace import Paced
from colonnade.multi.timeouts import Timeouts
from colonnade.rules.long import LONG

log = logging.getLogger("colonnade.multi")

#: What an object that isn't there is called. A HEAD has no body, so some clients' libraries only know "404".
#: Other 404s (NoSuchTagSet, NoSuchObjectLockConfiguration) are said of a bucket or key that is there.
ABSENCES = frozenset({"NoSuchBucket", "NoSuchKey", "NoSuchVersion", "NoSuchUpload", "NotFound", "404"})

#: Refusals of the credentials we show a member: the client has no part in them.
OUR_CREDENTIALS = frozenset(
    {"ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "RequestTimeTooSkewed", "SignatureDoesNotMatch"}
)

#: What "made by somebody else meanwhile" is called, of a bucket.
MADE = frozenset({"BucketAlreadyOwnedByYou", "BucketAlreadyExists"})

#: An answer that takes more than this share of the time-out counts against a member as a failure does.
SLOW = 0.8

#: Seconds between two attempts to start a member.
RESTART = 5.0


class Role(enum.StrEnum):
    """What is done with a member."""

    PRIMARY = "primary"
    #: Only ever read by us.
    FALLBACK = "fallback"
    #: Written too.
    REPLICA = "replica"


class Kind(enum.Enum):
    """What came of asking a member."""

    ANSWER = "answer"
    #: A definite answer that is an error: the precondition failed, the range can't be had.
    REFUSAL = "refusal"
    #: The member says itself that it has no such thing.
    ABSENT = "absent"
    #: It could not be asked, so nothing is known.
    UNREACHABLE = "unreachable"


@dataclass(slots=True)
class Outcome:
    """What came of asking `member`: its answer, or the error. `touched`: it began to read the body it was sent."""

    member: Member
    kind: Kind
    answer: Answer | None = None
    error: Exception | None = None
    touched: bool = False

    def take(self) -> Answer:
        """The answer. Raises the member's S3Error, or ServiceUnavailable if it could not be asked."""
        if self.answer is not None:
            return self.answer
        if self.kind is Kind.UNREACHABLE or not isinstance(self.error, S3Error):
            raise unavailable(self.member) from self.error
        raise self.error

    @property
    def code(self) -> str:
        """S3's code of the error, empty where there is none."""
        return self.error.code if isinstance(self.error, S3Error) else ""


@dataclass(eq=False, slots=True)
class Member:
    """A backend among others.

    `may_be_missed` says that answers without it are complete enough when it can't be asked. While `breaker` is open
    it is not asked at all.
    """

    name: str
    backend: Backend
    role: Role = Role.FALLBACK
    may_be_missed: bool = False
    timeouts: Timeouts = field(default_factory=Timeouts)
    breaker: Breaker = field(default_factory=Breaker, repr=False)
    counters: Counters = field(default_factory=Counters, repr=False)
    _started: bool = field(default=False, init=False)
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock, init=False, repr=False)
    _again: float = field(default=0.0, init=False)

    async def start(self) -> None:
        """Make the backend ready. One that can't be is unreachable, and tried again when it is needed."""
        try:
            await self._ready()
        except Exception as error:
            log.warning("%s could not be started: %s; others are served, it is tried again", self.name, error)

    async def _ready(self) -> None:
        async with self._starting:
            if self._started:
                return
            now = asyncio.get_running_loop().time()
            if now < self._again:
                raise unavailable(self)
            self._again = now + RESTART
            await self.backend.start()
            self._started = True

    async def close(self) -> None:
        """Close the backend, if it was ever started."""
        if self._started:
            await self.backend.close()

    async def ask(self, operation: str, arguments: Mapping[str, Any]) -> Outcome:
        """Carry out one operation on this member; whatever goes wrong with the member is in the outcome.

        Raises only what the client's own body raised while it was read.
        """
        if not self.breaker.lets_through():
            error = S3Error("ServiceUnavailable", f"The backend {self.name} failed of late, and is left alone for now.")
            return Outcome(self, Kind.UNREACHABLE, None, error)
        began = time.monotonic()
        try:
            if "Body" in arguments or not self._started:
                outcome = await self._asked(operation, arguments)
            else:
                outcome = await self._asked_plainly(operation, dict(arguments))
        except BaseException:
            self.breaker.abandon()
            raise
        self._count(operation, arguments, outcome, began)
        return outcome

    async def _asked_plainly(self, operation: str, arguments: Arguments) -> Outcome:
        """Without a body the time-out is only for what does not end at once."""
        running = self.backend.call(operation, arguments)
        try:
            waiting = running.send(None)
        except StopIteration as done:
            return Outcome(self, Kind.ANSWER, done.value)
        except Exception as error:
            return self.failed(operation, error)
        try:
            async with asyncio.timeout(self.timeouts.of(operation)):
                return Outcome(self, Kind.ANSWER, await Begun(running, waiting))
        except Exception as error:
            return self.failed(operation, error)

    async def _asked(self, operation: str, arguments: Mapping[str, Any]) -> Outcome:
        seconds = self.timeouts.of(operation)
        passed: Arguments = dict(arguments)
        upload: Paced | None = None
        try:
            async with asyncio.timeout(seconds) as clock:
                if "Body" in passed:
                    passed["Body"] = upload = Paced(as_body(passed["Body"]), clock, self.timeouts.stall, seconds)
                if not self._started:
                    await self._ready()
                answer = await self.backend.call(operation, passed)
        except Exception as error:
            if upload is not None and upload.failure is not None:
                raise upload.failure from None
            return self.failed(operation, error, touched=upload is not None and upload.touched)
        return Outcome(self, Kind.ANSWER, answer)

    def _count(self, operation: str, arguments: Mapping[str, Any], outcome: Outcome, began: float) -> None:
        """Keep the figures, and let the breaker know. An operation the member lacks says nothing of its health."""
        now = time.monotonic()
        figures = self.counters.own
        figures[REQUESTS] += 1
        figures[SECONDS] += now - began
        good = True
        if outcome.kind is Kind.UNREACHABLE:
            figures[ERRORS] += 1
            # A refusal of ours (403) says that it is well enough to judge.
            good = isinstance(outcome.error, S3Error) and 400 <= outcome.error.status < 408
        if now - began > SLOW * self.timeouts.answer and operation not in LONG and "Body" not in arguments:
            good = False  # a client may take its time with an upload, and some operations rightly do
        if self.breaker.note(good, now):
            self._tell()

    def _tell(self) -> None:
        state = "answers again" if self.breaker.closed else "fails, and is left alone for a while"
        log.warning("the backend %s %s", self.name, state)

    async def demand(self, operation: str, arguments: Mapping[str, Any]) -> Answer:
        """Like `ask`, for those who need the answer: raises S3Error for everything else."""
        return (await self.ask(operation, arguments)).take()

    def broke(self, error: Exception) -> Outcome:
        """The outcome of a body that this member began to give and did not: it counts as an answer that never came."""
        self.counters.own[ERRORS] += 1
        if self.breaker.note(False, time.monotonic()):
            self._tell()
        return self.failed("GetObject body", error)

    def failed(self, operation: str, error: Exception, *, touched: bool = False) -> Outcome:
        """The outcome of an error that this member raised."""
        kind = self._judge(error)
        if kind is Kind.UNREACHABLE:
            log.warning("%s could not be asked for %s: %s: %s", self.name, operation, type(error).__name__, error)
        return Outcome(self, kind, None, error, touched)

    def _judge(self, error: Exception) -> Kind:
        if not isinstance(error, S3Error):
            return Kind.UNREACHABLE
        if error.code in ABSENCES:
            return Kind.ABSENT
        if error.code == "NotImplemented":
            return Kind.REFUSAL
        if error.status >= 500 or error.status in (301, 302, 307, 308, 408, 429) or error.code in OUR_CREDENTIALS:
            return Kind.UNREACHABLE
        # A lower layer's 403 is about our credentials too. That of the primary is its word, and InvalidObjectState
        # (archived, to be restored first) is about the object.
        if error.status == 403 and self.role is not Role.PRIMARY and error.code != "InvalidObjectState":
            return Kind.UNREACHABLE
        return Kind.REFUSAL


def unavailable(member: Member) -> S3Error:
    """What a client is told when `member` is needed and could not be asked."""
    return S3Error("ServiceUnavailable", f"The backend {member.name} could not be asked. Please retry.", status=503)
