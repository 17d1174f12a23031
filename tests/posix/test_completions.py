"""Completions whose process died: whoever asks next goes on, and nothing is made twice."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from colonnade.backends.posix import PosixBackend, from_options
from colonnade.errors import S3Error

WHERE = {"Bucket": "bucket", "Key": "k"}


async def begin(backend: PosixBackend) -> dict[str, Any]:
    """An upload of one part, as it is completed."""
    upload = {**WHERE, "UploadId": (await backend.call("CreateMultipartUpload", WHERE))["UploadId"]}
    etag = (await backend.call("UploadPart", {**upload, "PartNumber": 1, "Body": b"data"}))["ETag"]
    return {**upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": etag}]}}


def claim(root: Path, upload_id: str, *, copy: bool = False) -> Path:
    """Leave the upload as a completer that was killed does, or beside it a copy of it."""
    (directory,) = root.glob(f"bucket/.sgwtmp/multipart/*/{upload_id}")
    claimed = directory.with_name(f"{upload_id}.0123.inprogress")
    if copy:
        shutil.copytree(directory, claimed)
        return claimed
    return directory.rename(claimed)


async def test_whoever_asks_next_completes(backend: PosixBackend, root: Path) -> None:
    """No restart is needed."""
    complete = await begin(backend)
    claim(root, complete["UploadId"])
    async with asyncio.timeout(5):
        await backend.call("CompleteMultipartUpload", complete)
    assert await (await backend.call("GetObject", WHERE))["Body"].read() == b"data"


async def test_the_next_start_gives_it_back(backend: PosixBackend, root: Path) -> None:
    """It is listed again, and can be gone on with."""
    complete = await begin(backend)
    claim(root, complete["UploadId"])
    assert "Uploads" not in await backend.call("ListMultipartUploads", {"Bucket": "bucket"})
    await backend.start()
    assert len((await backend.call("ListMultipartUploads", {"Bucket": "bucket"}))["Uploads"]) == 1


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
