"""An object given from one backend to another is the same object there."""

from __future__ import annotations

import os
from typing import Any

import pytest

from colonnade.backend import Backend
from colonnade.backends import load
from colonnade.errors import S3Error
from colonnade.multi.transfer import _pieces, transfer

WHERE = {"Bucket": "bucket", "Key": "k"}
LARGE = os.urandom(5 * 1024**2)


async def backend() -> Backend:
    """One in memory with a bucket."""
    made = load("memory", {})
    await made.start()
    await made.call("CreateBucket", {"Bucket": "bucket"})
    return made


async def upload(store: Backend, **more: Any) -> None:
    """An object of two parts of different sizes."""
    where = {**WHERE, "UploadId": (await store.call("CreateMultipartUpload", {**WHERE, **more}))["UploadId"]}
    parts = []
    summed = {name: more[name] for name in ("ChecksumAlgorithm",) if name in more}
    for number, data in enumerate((LARGE, b"tail"), 1):
        got = await store.call("UploadPart", {**where, "PartNumber": number, "Body": data, **summed})
        sums = {name: got[name] for name in got if name.startswith("Checksum") and name != "ChecksumType"}
        parts.append({"PartNumber": number, "ETag": got["ETag"], **sums})
    await store.call("CompleteMultipartUpload", {**where, "MultipartUpload": {"Parts": parts}})


async def give(source: Backend, target: Backend, **put: Any) -> dict[str, Any]:
    """Transfer, and what the target's HeadObject says then."""
    head = await source.call("HeadObject", {**WHERE, "ChecksumMode": "ENABLED"})
    await transfer(source.call, target.call, WHERE, head, {**WHERE, **put})
    return await target.call("HeadObject", {**WHERE, "ChecksumMode": "ENABLED"})


KEPT = ("ETag", "ContentLength", "ContentType", "Metadata", "ChecksumCRC32", "ChecksumSHA256", "ChecksumType")


@pytest.mark.parametrize("kind", [{}, {"ChecksumAlgorithm": "CRC32"}, {"ChecksumAlgorithm": "SHA256"}])
async def test_parts_stay_parts(kind: dict[str, Any]) -> None:
    """An object of parts has the same ETag, checksums and parts on the other side."""
    source, target = await backend(), await backend()
    await upload(source, Metadata={"m": "1"}, ContentType="text/x", Tagging="t=1", **kind)
    theirs = await give(source, target)
    ours = await source.call("HeadObject", {**WHERE, "ChecksumMode": "ENABLED"})
    assert {name: theirs.get(name) for name in KEPT} == {name: ours.get(name) for name in KEPT}
    second = await target.call("HeadObject", {**WHERE, "PartNumber": 2})
    assert (second["PartsCount"], second["ContentLength"]) == (2, 4)
    assert (await target.call("GetObjectTagging", WHERE))["TagSet"] == [{"Key": "t", "Value": "1"}]


async def test_a_condition_holds_for_parts_too() -> None:
    """If-None-Match is judged when the parts are joined, and nothing of the upload stays behind."""
    source, target = await backend(), await backend()
    await upload(source)
    await target.call("PutObject", {**WHERE, "Body": b"there"})
    with pytest.raises(S3Error, match="pre-conditions"):
        await give(source, target, IfNoneMatch="*")
    assert not (await target.call("ListMultipartUploads", {"Bucket": "bucket"})).get("Uploads")


async def test_a_source_that_changed_is_not_mixed() -> None:
    """What was described is what is copied, or nothing."""
    source, target = await backend(), await backend()
    await source.call("PutObject", {**WHERE, "Body": b"old"})
    head = await source.call("HeadObject", WHERE)
    await source.call("PutObject", {**WHERE, "Body": b"new"})
    with pytest.raises(S3Error) as refused:
        await transfer(source.call, target.call, WHERE, head, dict(WHERE))
    assert refused.value.code == "PreconditionFailed"


@pytest.mark.parametrize("etag", ['"7f-1-1812345678901234"', '"7f-1-0"', '"abc-3"'])
def test_etags_that_only_look_like_parts(etag: str) -> None:
    """A foreign file's ETag may end in a dash and digits: it goes in one piece."""
    assert _pieces({"ETag": etag, "ContentLength": 3}, parts=True) is None
