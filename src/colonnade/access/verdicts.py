"""Reads that were allowed before, by what alone said so: who reads which object, its ACL, the bucket and its policy.

What a bucket says is one `Bucket` until it changes, and so is an ACL that was read: who meets both again need not
decide again. Where a policy looks at facts of the request nothing is remembered.
"""

from __future__ import annotations

from colonnade.access.decide import Question
from colonnade.access.state import Bucket
from colonnade.backend import Answer
from colonnade.remembered import Remembered

#: Reads that are remembered in each of two generations.
MOST = 20_000


class Verdicts:
    """Remembers who may read what."""

    def __init__(self) -> None:
        self._allowed: Remembered[tuple[Bucket, str | None, str, str | None], list[Answer | None]] = Remembered(MOST)

    def allow(self, question: Question, own: Answer | None) -> bool:
        """Whether the read was allowed before; `own` is the ACL of the object that was read, if it has one."""
        known = self._allowed.get((question.bucket, question.who, question.action, question.key))
        return known is not None and known[0] is own

    def remember(self, question: Question, own: Answer | None) -> None:
        """A read that was allowed, if it would be whatever else is true of the request."""
        policy = question.bucket.policy
        if policy is None or policy.is_sure(question.who, question.action):
            self._allowed.put((question.bucket, question.who, question.action, question.key), [own])
