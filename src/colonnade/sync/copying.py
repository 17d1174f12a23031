"""Copying one object from place to place, in whatever way costs least and overwrites nothing it shouldn't."""

from __future__ import annotations

from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.multi.transfer import MOST, Uploads, transfer
from colonnade.sync import hidden
from colonnade.sync.compare import where
from colonnade.sync.journal import Journal
from colonnade.sync.pace import Limit, Metered
from colonnade.sync.places import Place
from colonnade.sync.report import Report


class Copier:
    """Copies from `source` to `target`, counting bytes in `report`."""

    def __init__(self, source: Place, target: Place, limit: Limit, report: Report, journal: Journal | None) -> None:
        self.source = source
        self.target = target
        self.limit = limit
        self.report = report
        self.journal = journal

    async def copy(self, key: str, head: Answer, there: Answer | None) -> None:
        """Copy the object that `head` describes over what is `there`, and nothing else.

        Raises PreconditionFailed if either changed meanwhile, S3Error for whatever else went wrong.
        """
        put = where(self.target, key)
        put |= {"IfNoneMatch": "*"} if there is None else {"IfMatch": there["ETag"]}
        if self.source.backend is self.target.backend and head["ContentLength"] <= MOST:
            await self._within(key, head, put)
            return
        await self._through(key, head, put)
        if there is None and await hidden.is_deleted(self.target, key):
            # Deleted while it was being copied: our copy must not bring it back, what is newer must stay.
            copied = await self.target.backend.call("HeadObject", where(self.target, key))
            if copied["ETag"] == head["ETag"]:
                gone = {**where(self.target, key), "IfMatch": copied["ETag"]}
                await self.target.backend.call("DeleteObject", gone)

    async def _through(self, key: str, head: Answer, put: Arguments) -> None:
        uploads = None if self.journal is None else _Journaled(self.journal, self.target.bucket, key, head["ETag"])
        await transfer(self._read, self._write, where(self.source, key), head, put, uploads=uploads)

    async def _within(self, key: str, head: Answer, put: Arguments) -> None:
        """Within one backend its own copy serves: nothing passes through here."""
        copy = {**put, "CopySource": where(self.source, key), "CopySourceIfMatch": head["ETag"]}
        await self._write("CopyObject", copy)
        self.report.bytes += head["ContentLength"]

    async def _read(self, operation: str, arguments: Arguments) -> Answer:
        answer = await self.source.backend.call(operation, arguments)
        if operation == "GetObject":
            answer = {**answer, "Body": Metered(answer["Body"], self.limit, self._passed)}
        return answer

    async def _write(self, operation: str, arguments: Arguments) -> Answer:
        """A write; where there are no conditional writes it is done without."""
        try:
            return await self.target.backend.call(operation, arguments)
        except S3Error as error:
            conditions = {"IfMatch", "IfNoneMatch"} & arguments.keys()
            if error.code != "NotImplemented" or not conditions or "Body" in arguments:
                raise
        plain = {name: value for name, value in arguments.items() if name not in conditions}
        return await self.target.backend.call(operation, plain)

    def _passed(self, count: int) -> None:
        self.report.bytes += count


class _Journaled(Uploads):
    """Uploads that are gone on with after the program was killed."""

    def __init__(self, journal: Journal, bucket: str, key: str, etag: str) -> None:
        self.journal, self.bucket, self.key, self.etag = journal, bucket, key, etag

    def resume(self) -> str | None:
        """The upload that the journal knows."""
        return self.journal.upload(self.bucket, self.key, self.etag)

    def begun(self, upload: str) -> None:
        """Note it."""
        self.journal.begun(self.bucket, self.key, self.etag, upload)

    def ended(self) -> None:
        """Forget it."""
        self.journal.ended(self.bucket, self.key)

    def keeps(self) -> bool:
        """It stays."""
        return True
