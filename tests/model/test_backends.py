"""Any sequence of operations has the same answers from every backend as from a dict, and leaves the same behind."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from colonnade.backend import Backend
from colonnade.errors import S3Error
from colonnade.rules import multipart
from tests.model.operations import CURRENT, NONE, OTHER, Operation, operations
from tests.model.store import Answer, Model, Refused, md5
from tests.model.stores import STORES, VERSIONED, Make

#: Members of answers that are compared.
COMPARED = (
    "ETag", "Metadata", "Body", "ContentLength", "TagCount", "TagSet", "VersionId", "DeleteMarker", "PartsCount",
    "CopySourceVersionId",
)  # fmt: skip


class Trial:
    """A backend and the model of it."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.model = Model()
        #: Uploads ever begun, newest first, with their keys.
        self.begun: list[tuple[str, str]] = []
        self.backend: Backend

    async def run(self, sequence: list[Operation]) -> None:
        """Carry out a sequence, comparing each answer, then what there is."""
        await self.start()
        await self.backend.call("CreateBucket", {"Bucket": "bucket"})
        for operation, asked in sequence:
            if operation == "restart":
                await self.backend.close()
                await self.start()
            elif operation == "DeleteBucket":
                await self.remake(**asked)
            elif (arguments := self.settled(operation, asked)) is not None:
                await self.step(operation, arguments)
        await self.compare()
        await self.backend.close()

    async def start(self) -> None:
        """Begin to serve, for the first time or again."""
        self.backend = self.make()
        await self.backend.start()

    async def remake(self, *, Empty: bool) -> None:
        """Delete the bucket, after all in it if it shall be empty, and make it again: nothing of it is left."""
        for key, version, _, _ in self.model.versions() if Empty else ():
            await self.step("DeleteObject", {"Key": key, "VersionId": version})
        await self.step("DeleteBucket", {})
        if not any(self.model.chains.values()):
            await self.backend.call("CreateBucket", {"Bucket": "bucket"})

    def settled(self, operation: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Arguments with the ids and ETags that the open ones stand for; None if there was no upload yet."""
        found = dict(asked)
        if "UploadId" in found:
            if not self.begun:
                return None
            # Those under way come first, newest first; the last is one that has ended, if any has.
            uploads = sorted(self.begun, key=lambda one: one[0] not in self.model.uploads)
            found["UploadId"], found["Key"] = uploads[found["UploadId"] % len(uploads)]
        if "There" in found:
            found["Key"] = self.there(found.pop("There"))
        if "CopySource" in found:
            key = self.there(found["CopySource"])
            found["CopySource"] = {"Bucket": "bucket", "Key": key}
            if "SourceVersionId" in found:
                found["CopySource"]["VersionId"] = self.version(key, found.pop("SourceVersionId"))
        if "VersionId" in found:
            found["VersionId"] = self.version(found["Key"], found["VersionId"])
        for name, where in (("IfMatch", found), ("CopySourceIfMatch", found.get("CopySource"))):
            if found.get(name) == CURRENT and where:
                there = self.model.current(where["Key"])
                found[name] = there.etag if there else OTHER
        if "Parts" in found:
            found["MultipartUpload"] = {"Parts": self.rows(found["UploadId"], found.pop("Parts"))}
        if found.get("Key", "").endswith("/") and "Body" in found:
            found["Body"] = b""  # a directory has no bytes
        return found

    def there(self, which: int) -> str:
        """A key that has versions, or one that never had any."""
        keys = [key for key, chain in self.model.chains.items() if chain]
        return keys[which % len(keys)] if keys and which != NONE else "b/none"

    def version(self, key: str, which: int) -> str:
        """The id of a version, the null version's where there are not so many."""
        chain = self.model.chains.get(key, [])
        return chain[which % len(chain)].id if chain and which != NONE else "null"

    def rows(self, upload_id: str, which: str) -> list[dict[str, Any]]:
        """What a completion names."""
        upload = self.model.uploads.get(upload_id)
        parts = {number: md5(body) for number, body in sorted(upload.parts.items())} if upload else {1: OTHER}
        rows = [{"PartNumber": number, "ETag": etag} for number, etag in parts.items()]
        return {
            "first": rows[:1],
            "last": rows[-1:],
            "reversed": rows[::-1],
            "twice": rows[:1] * 2,
            "missing": [*rows, {"PartNumber": 9, "ETag": OTHER}],
            "outdated": [row | {"ETag": OTHER} for row in rows],
        }.get(which, rows) or [{"PartNumber": 1, "ETag": OTHER}]

    async def step(self, operation: str, arguments: dict[str, Any]) -> None:
        """One operation on both."""
        got: Answer | str
        told: Answer = {}
        try:
            told = await self.backend.call(operation, {"Bucket": "bucket", **arguments})
            got = await compared(told)
        except S3Error as error:
            got = error.code
        self.model.fresh = told.get("UploadId") or told.get("VersionId") or ""
        try:
            expected: Answer | str = self.model.call(operation, arguments)
        except Refused as error:
            expected = str(error)
        assert got == expected, (operation, arguments)
        if operation == "CreateMultipartUpload":
            self.begun.insert(0, (told["UploadId"], arguments["Key"]))
        if operation == "PutBucketVersioning":
            time.sleep(0.002)  # versions are dated by milliseconds, and nobody changes this more often

    async def compare(self) -> None:
        """The objects, versions and uploads that are left."""
        listed = await self.backend.call("ListObjectsV2", {"Bucket": "bucket"})
        assert [row["Key"] for row in listed.get("Contents", ())] == self.model.keys()
        for row in listed.get("Contents", ()):
            there = self.model.current(row["Key"])
            assert there is not None
            assert (row["ETag"], row["Size"]) == (there.etag, len(there.body))
        page = await self.backend.call("ListObjectVersions", {"Bucket": "bucket"})
        for kind, marker in (("Versions", False), ("DeleteMarkers", True)):
            rows = [(row["Key"], row["VersionId"], row["IsLatest"], marker) for row in page.get(kind, ())]
            assert rows == [row for row in self.model.versions() if row[3] is marker]
        uploads = (await self.backend.call("ListMultipartUploads", {"Bucket": "bucket"})).get("Uploads", ())
        assert {row["UploadId"]: row["Key"] for row in uploads} == {
            upload: kept.key for upload, kept in self.model.uploads.items()
        }


async def compared(told: Answer) -> Answer:
    """The members of an answer that the model has."""
    told = told | told.get("CopyObjectResult", {}) | told.get("CopyPartResult", {})
    answer = {name: told[name] for name in COMPARED if name in told}
    if "Body" in answer:
        answer["Body"] = await answer["Body"].read()
    if "Deleted" in told:
        answer["Deleted"] = [row["Key"] for row in told["Deleted"]]
    if "PartNumberMarker" in told:
        answer["Parts"] = [(row["PartNumber"], row["Size"], row["ETag"]) for row in told.get("Parts", ())]
    return answer


@pytest.fixture(scope="module", autouse=True)
def _small_parts() -> Iterator[None]:
    """Any part that isn't empty is large enough."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(multipart, "SMALLEST_PART", 1)
        yield


def attempt(make: Callable[[Path], Make], sequence: list[Operation]) -> None:
    """One sequence on a new store."""
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(Trial(make(Path(directory))).run(sequence))


#: What goes wrong is not made smaller for minutes.
LIMITS = settings(
    deadline=None,
    max_examples=25,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("store", STORES)
@LIMITS
@given(sequence=operations(versions=False))
def test_one_version_of_each_key(store: str, sequence: list[Operation]) -> None:
    """In a bucket that never kept versions."""
    attempt(STORES[store], sequence)


@pytest.mark.parametrize("store", VERSIONED)
@LIMITS
@given(sequence=operations(versions=True))
def test_many_versions(store: str, sequence: list[Operation]) -> None:
    """In a bucket that keeps versions, stops doing so and begins again."""
    attempt(VERSIONED[store], sequence)
