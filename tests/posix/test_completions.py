"""Completions whose process died: whoever asks next goes on, and nothing is made twice."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, completions, from_options, multipart
from colonnade.backends.posix.locks import stripe_of
from colonnade.errors import S3Error
from colonnade.rules import multipart as rules

WHERE = {"Bucket": "bucket", "Key": "k"}


async def begin(backend: PosixBackend) -> dict[str, Any]:
    """An upload of one part, as it is completed."""
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", WHERE))["UploadId"]}
    etag = (await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"data"}))["ETag"]
    return {**upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}


#: What a completer leaves that was killed: the end of the upload's name, and whether our mark is in it.
CLAIM = (".0123.inprogress", True)
BEFORE = ".0123.colonnade.inprogress"
LEFT = {"claimed": CLAIM, "marked": (BEFORE, True), "not marked": (BEFORE, False)}


def claim(root: Path, upload_id: str, left: tuple[str, bool] = CLAIM, *, copy: bool = False) -> Path:
    """Leave the upload as a completer that was killed does, or beside it a copy of it."""
    end, marked = left
    (directory,) = root.glob(f"bucket/.sgwtmp/multipart/*/{upload_id}")
    claimed = directory.with_name(upload_id + end)
    if copy:
        shutil.copytree(directory, claimed)
    else:
        directory.rename(claimed)
    if marked:
        (claimed / "colonnade.claim").touch()
    return claimed


def claim_elsewhere(root: Path, upload_id: str) -> Path:
    """Claim the upload as the compatible gateway does, which holds no lock."""
    return claim(root, upload_id, (".0123.inprogress", False))


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT)
async def test_whoever_asks_next_completes(backend: PosixBackend, root: Path, left: tuple[str, bool]) -> None:
    """No restart is needed."""
    complete = await begin(backend)
    claim(root, complete["UploadId"], left)
    async with asyncio.timeout(30):
        await backend.call("CompleteMultipartUpload", complete)
    assert await (await backend.call("GetObject", WHERE))["Body"].read() == b"data"


@pytest.mark.parametrize("left", LEFT.values(), ids=LEFT)
async def test_the_next_start_gives_it_back(backend: PosixBackend, root: Path, left: tuple[str, bool]) -> None:
    """It is listed again, and can be gone on with."""
    complete = await begin(backend)
    claim(root, complete["UploadId"], left)
    assert "Uploads" not in await backend.call("ListMultipartUploads", {"Bucket": "bucket"})
    await backend.start()
    assert len((await backend.call("ListMultipartUploads", {"Bucket": "bucket"}))["Uploads"]) == 1


@pytest.mark.parametrize("how", ["start", "complete"])
async def test_another_gateway_is_left_to_complete(
    backend: PosixBackend, root: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """It may still be at it: nobody takes the upload from it, and who asks again is told to come back."""
    monkeypatch.setattr(multipart, "_PATIENCE", 0.1)
    complete = await begin(backend)
    claimed = claim_elsewhere(root, complete["UploadId"])
    if how == "start":
        await backend.start()
    else:
        with pytest.raises(S3Error, match="ServiceUnavailable"):
            await backend.call("CompleteMultipartUpload", complete)
    assert (claimed / "1").exists()


async def test_another_gateway_that_died_is_completed_for(
    backend: PosixBackend, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a day it is taken for dead."""
    complete = await begin(backend)
    claim_elsewhere(root, complete["UploadId"])
    monkeypatch.setattr(completions, "STALE", 0)
    await backend.call("CompleteMultipartUpload", complete)
    assert await (await backend.call("GetObject", WHERE))["Body"].read() == b"data"


async def test_another_gateway_may_complete_what_was_given_back(backend: PosixBackend, root: Path) -> None:
    """Nothing of a refused completion of ours is left that makes the other's claim look like one."""
    complete = await begin(backend)
    with pytest.raises(S3Error, match="NoSuchKey"):
        await backend.call("CompleteMultipartUpload", {**complete, "IfMatch": '"x"'})
    claim(root, complete["UploadId"])
    await backend.start()
    (directory,) = root.glob(f"bucket/.sgwtmp/multipart/*/{complete['UploadId']}")
    assert os.listdir(directory) == ["1"]


@pytest.mark.parametrize("ends", ["well", "badly"])
async def test_our_mark_is_where_others_claim_nothing(
    backend: PosixBackend, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    """Whenever we are killed: an upload of its own name never has it, one of the claim's name always."""
    complete, rename = await begin(backend), os.rename
    seen: dict[str, set[bool]] = {}

    def look(path: str) -> None:
        name = os.path.basename(path)
        if complete["UploadId"] in name:
            marked = os.path.exists(f"{path}/colonnade.claim")
            seen.setdefault(name.removeprefix(complete["UploadId"]), set()).add(marked)

    def looked_at(source: Any, target: Any, **more: Any) -> None:
        look(os.fspath(source))
        rename(source, target, **more)
        look(os.fspath(target))

    def badly(*_: object) -> None:
        raise S3Error("InvalidPart")

    monkeypatch.setattr(os, "rename", looked_at)
    if ends == "badly":
        monkeypatch.setattr(multipart, "_join", badly)
    with suppress(S3Error):
        await backend.call("CompleteMultipartUpload", complete)
    etag = rules.etag_of([complete["MultipartUpload"]["Parts"][0]["ETag"]]).strip('"')
    assert seen == {"": {False}, f".{etag}.colonnade.inprogress": {False, True}, f".{etag}.inprogress": {True}}


async def test_a_claim_that_cant_be_marked(backend: PosixBackend, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk, for one: the upload is as it was."""
    complete, there = await begin(backend), os.open

    def full(path: Any, *arguments: Any, **more: Any) -> int:
        if path == "colonnade.claim":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return there(path, *arguments, **more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", full)
        with pytest.raises(S3Error, match="InsufficientStorage"):
            await backend.call("CompleteMultipartUpload", complete)
    (directory,) = root.glob(f"bucket/.sgwtmp/multipart/*/{complete['UploadId']}")
    assert os.listdir(directory) == ["1"]
    await backend.call("CompleteMultipartUpload", complete)


async def test_another_gateway_may_be_first(backend: PosixBackend, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that claims the upload, by the name that ours would have, while we look at its parts goes on undisturbed."""
    monkeypatch.setattr(multipart, "_PATIENCE", 0.5)
    complete = await begin(backend)
    (directory,) = root.glob(f"bucket/.sgwtmp/multipart/*/{complete['UploadId']}")
    held = backend.tree.locks.take("bucket", stripe_of(str(directory.relative_to(root))), wait=True)
    assert held is not None
    ours = asyncio.create_task(backend.call("CompleteMultipartUpload", complete))
    await asyncio.sleep(0.3)
    etag = rules.etag_of([complete["MultipartUpload"]["Parts"][0]["ETag"]]).strip('"')
    claimed = directory.rename(directory.with_name(f"{directory.name}.{etag}.inprogress"))
    os.close(held)
    with pytest.raises(S3Error, match="ServiceUnavailable"):
        await ours
    assert os.listdir(claimed) == ["1"]


async def test_an_abort_waits_for_who_places_a_part(backend: PosixBackend, root: Path) -> None:
    """Else the part would come into a directory that is being removed, and stay."""
    complete = await begin(backend)
    (directory,) = root.glob(f"bucket/.sgwtmp/multipart/*/{complete['UploadId']}")
    locks = backend.tree.locks
    held = locks.take("bucket", stripe_of(str(directory.relative_to(root))), wait=True)
    assert held is not None
    abort = asyncio.create_task(backend.call("AbortMultipartUpload", {**WHERE, "UploadId": complete["UploadId"]}))
    await asyncio.sleep(0.1)
    there = directory.exists()
    os.close(held)
    await abort
    assert (there, directory.exists()) == (True, False)


@pytest.mark.parametrize("how", ["start", "complete"])
async def test_what_was_made_is_not_made_again(tmp_path: Path, how: str) -> None:
    """A completer that died between the object and the end of the upload leaves one version, and no upload."""
    for name in ("data", "older"):
        (tmp_path / name).mkdir()
    root = tmp_path / "data"
    backend = from_options({"path": str(root), "fsync": False, "versioning_dir": str(tmp_path / "older")})
    await backend.start()
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    enabled = {"Bucket": "bucket", "VersioningConfiguration": {"Status": "Enabled"}}
    await backend.call("PutBucketVersioning", enabled)
    complete = await begin(backend)
    claimed = claim(root, complete["UploadId"], copy=True)
    kept = shutil.move(claimed, tmp_path / "kept")
    first = await backend.call("CompleteMultipartUpload", complete)
    claimed.parent.mkdir(exist_ok=True)
    shutil.move(kept, claimed)
    if how == "start":
        await backend.start()
    assert await backend.call("CompleteMultipartUpload", complete) == first
    assert not claimed.exists()
    assert len((await backend.call("ListObjectVersions", {"Bucket": "bucket"}))["Versions"]) == 1
    with pytest.raises(S3Error, match="NoSuchUpload"):
        await backend.call("ListParts", {name: complete[name] for name in ("Bucket", "Key", "UploadId")})
    await backend.close()
