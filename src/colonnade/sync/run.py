"""The runs: sync makes a target hold what a source holds; diff and verify only look."""

from __future__ import annotations

import asyncio
import fnmatch
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

from colonnade.backend import Answer
from colonnade.errors import S3Error
from colonnade.multi.converge import properties_alike
from colonnade.sync import compare, hidden, places
from colonnade.sync.copying import Copier
from colonnade.sync.journal import Journal
from colonnade.sync.pace import Limit
from colonnade.sync.pairs import Pair, pairs
from colonnade.sync.places import Place
from colonnade.sync.report import Progress, Report

#: Keys that may be done before one in front of them is: what is known of each of them is kept until then.
AHEAD = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with which keys.

    `copy`: make the target what the source is, else only compare; `thorough`: read all bytes even where ETags agree;
    `delete`: remove what only the target has; `force`: overwrite what is newer in the target; `one_way`: what only
    the target has, or has newer, is no difference. `include` and `exclude` are shell patterns of keys. `rate` bounds
    bytes a second, `parallel` the keys worked on at a time.
    """

    copy: bool
    thorough: bool = False
    delete: bool = False
    force: bool = False
    one_way: bool = False
    dry_run: bool = False
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    rate: float | None = None
    parallel: int = 8

    def takes(self, key: str) -> bool:
        """Whether a key is meant."""
        if self.include and not any(fnmatch.fnmatchcase(key, pattern) for pattern in self.include):
            return False
        return not any(fnmatch.fnmatchcase(key, pattern) for pattern in self.exclude)


class Run:
    """One run of a plan from `source` to `target`; both are a whole backend, or both one bucket or part of one."""

    def __init__(self, plan: Plan, source: Place, target: Place, report: Report, journal: Journal | None) -> None:
        self.plan = plan
        self.source = source
        self.target = target
        self.report = report
        self.journal = journal if plan.copy and not plan.dry_run else None
        self.limit = Limit(plan.rate)
        self.progress = Progress(report, quiet=True)

    async def run(self) -> Report:
        """Do it. Raises S3Error for a place that can't be listed; what fails with single keys is in the report."""
        began = time.monotonic()
        counting: list[asyncio.Task[None]] = []
        try:
            await places.must_exist(self.source)
            buckets = await self._buckets()
            if self.plan.copy and not self.progress.quiet:
                counting.append(asyncio.create_task(self._count([source for source, _ in buckets])))
            for source, target in buckets:
                if not await self._left_out(target):
                    await _Bucket(self, source, target).run()
        finally:
            for task in counting:
                task.cancel()
            await asyncio.gather(*counting, return_exceptions=True)
            self.report.seconds = time.monotonic() - began
        if self.journal is not None:
            self.journal.finish() if not self.report.failed else self.journal.close()
        return self.report

    async def _count(self, sources: Sequence[Place]) -> None:
        """How many bytes there are, for the time that is left: all that is listed, the same or not."""
        total = 0
        for source in sources:
            async for entry in places.entries(source):
                total += entry.size if self.plan.takes(entry.key) else 0
        self.progress.expected = total

    async def _buckets(self) -> list[tuple[Place, Place]]:
        if self.source.bucket:
            return [(self.source, self.target)]
        names = set(await places.buckets(self.source))
        if not self.plan.copy or self.plan.delete:
            names |= set(await places.buckets(self.target))
        return [(replace(self.source, bucket=name), replace(self.target, bucket=name)) for name in sorted(names)]

    async def _left_out(self, target: Place) -> bool:
        """Whether a bucket was deleted in the target since."""
        deleted = await hidden.is_bucket_deleted(target)
        if deleted:
            self.report.deleted_in_target += 1
            self.report.name(target.bucket, "", "bucket deleted in the target, left out")
        return deleted


class _Bucket:
    """A run through one bucket."""

    def __init__(self, run: Run, source: Place, target: Place) -> None:
        self.plan = run.plan
        self.report = run.report
        self.progress = run.progress
        self.journal = run.journal
        self.source = source
        self.target = target
        self.copier = Copier(source, target, run.limit, run.report, run.journal)

    async def run(self) -> None:
        """All keys, begun in order and at most `parallel` at a time; the journal follows the slowest."""
        if self.plan.copy and not self.plan.dry_run:
            await places.make_bucket(self.target)
        working: list[tuple[str, asyncio.Task[None]]] = []
        slots = asyncio.Semaphore(self.plan.parallel)
        try:
            async for pair in self._pairs():
                await slots.acquire()
                task = asyncio.create_task(self._attempt(pair))
                task.add_done_callback(lambda _: slots.release())
                working.append((pair.key, task))
                working = self._settle(working)
                if len(working) > AHEAD:
                    await working[0][1]
                self.progress.tick()
            await asyncio.gather(*(task for _, task in working))
            self._settle(working)
        except BaseException:
            for _, task in working:
                task.cancel()
            await asyncio.gather(*(task for _, task in working), return_exceptions=True)
            raise

    def _settle(self, working: list[tuple[str, asyncio.Task[None]]]) -> list[tuple[str, asyncio.Task[None]]]:
        """What is still at work. The mark moves over the keys that are done with none before them left."""
        mark = ""
        while working and working[0][1].done():
            mark, task = working.pop(0)
            task.result()
        if mark and self.journal is not None:
            self.journal.advance(self.target.bucket, mark)
        return working

    async def _pairs(self) -> AsyncIterator[Pair]:
        """The pairs that are meant: first those that failed the last time, then from where it stopped."""
        after = ""
        if self.journal is not None:
            for key in self.journal.failed(self.target.bucket):
                yield await self._again(key)
            after = self.journal.mark(self.target.bucket)
        async for pair in pairs(self.source, self.target, after):
            if self.plan.takes(pair.key):
                yield pair

    async def _again(self, key: str) -> Pair:
        """A single pair, looked up."""
        found = []
        for place in (self.source, self.target):
            after = key[:-1] + chr(max(ord(key[-1]) - 1, 0)) if key else ""
            entry = None
            async for one in places.entries(place, after):
                if one.key >= key:
                    entry = one if one.key == key else None
                    break
            found.append(entry)
        return Pair(key, *found)

    async def _attempt(self, pair: Pair) -> None:
        """One key; what goes wrong with it is in the report."""
        self.report.looked_at += 1
        try:
            await self._one(pair)
        except (S3Error, OSError, EOFError) as error:
            self.report.failed += 1
            self.report.name(self.target.bucket, pair.key, f"failed ({error})")
            if self.journal is not None:
                self.journal.fail(self.target.bucket, pair.key)

    async def _one(self, pair: Pair) -> None:
        if pair.source is None:
            await self._surplus(pair.key)
            return
        if pair.target is None and await hidden.is_deleted(self.target, pair.key):
            self.report.deleted_in_target += 1
            return
        ours = await compare.head(self.source, pair.key)
        theirs = await compare.head(self.target, pair.key) if pair.target is not None else None
        if theirs is not None and await self._same(pair.key, ours, theirs):
            self.report.same += 1
            if self.progress.expected is not None:
                self.progress.expected -= ours["ContentLength"]
            return
        # Dates are of whole seconds: of two writes within one nothing tells which was the later.
        newer = theirs is not None and theirs["LastModified"] >= ours["LastModified"]
        if not self.plan.copy:
            if not (newer and self.plan.one_way):
                self._tell(pair.key, missing=theirs is None)
        elif newer and not self.plan.force:
            self.report.newer_in_target += 1
            self.report.name(self.target.bucket, pair.key, "newer in the target, or of the same second: left as it is")
        else:
            if not self.plan.dry_run:
                await self.copier.copy(pair.key, ours, theirs)
            self.report.copied += 1

    async def _same(self, key: str, ours: Answer, theirs: Answer) -> bool:
        if self.plan.thorough and properties_alike(ours, theirs):
            one = compare.digest(self.source, key, ours)
            other = compare.digest(self.target, key, theirs)
            return len(set(await asyncio.gather(one, other))) == 1
        return await compare.same(self.source, self.target, key, ours, theirs)

    async def _surplus(self, key: str) -> None:
        """A key that only the target has."""
        if self.plan.one_way or (self.plan.copy and not self.plan.delete):
            return
        if self.plan.copy:
            if not self.plan.dry_run:
                await self.target.backend.call("DeleteObject", compare.where(self.target, key))
            self.report.deleted += 1
            return
        self.report.only_in_target += 1
        self.report.name(self.target.bucket, key, "only in the target")

    def _tell(self, key: str, *, missing: bool) -> None:
        if missing:
            self.report.only_in_source += 1
        else:
            self.report.differ += 1
        self.report.name(self.target.bucket, key, "only in the source" if missing else "differs")
