"""What can be said about a served directory, and what is said when it won't do."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from colonnade.backends.posix import from_options, start
from colonnade.backends.posix.errors import translate


def test_unknown_option(tmp_path: Path) -> None:
    """The message names the option and those that there are."""
    with pytest.raises(ValueError, match=r"'pth'.*fsync.*path"):
        from_options({"path": str(tmp_path), "pth": 1})


def test_missing_directory(tmp_path: Path) -> None:
    """The message names the directory."""
    with pytest.raises(ValueError, match=r"gone.*does not exist"):
        from_options({"path": str(tmp_path / "gone")})


def test_no_directory(tmp_path: Path) -> None:
    """A file can't be served."""
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is not a directory"):
        from_options({"path": str(tmp_path / "file")})


def test_wrong_type(tmp_path: Path) -> None:
    """A switch is true or false."""
    with pytest.raises(ValueError, match=r"'fsync' must be of type bool"):
        from_options({"path": str(tmp_path), "fsync": "no"})


def test_filesystem_without_attributes() -> None:
    """The message says what to do."""
    if not os.path.isdir("/proc/self"):
        pytest.skip("needs /proc")
    with pytest.raises(start.UnfitError, match=r"posix: .*/proc/self"):
        start.probe("/proc/self")


@pytest.mark.parametrize(("seconds", "said"), [(60, "behind"), (-60, "ahead of"), (0, "")])
async def test_a_clock_out_of_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, seconds: int, said: str
) -> None:
    """A start warns of a filesystem whose clock is another than ours."""
    monkeypatch.setattr(start, "time", SimpleNamespace(time=lambda: time.time() + seconds))
    backend = from_options({"path": str(tmp_path)})
    await backend.start()
    await backend.close()
    warned = [message for message in caplog.messages if "clock" in message]
    assert [f" seconds {said} this machine's" in message for message in warned] == ([True] if said else [])


@pytest.mark.parametrize(
    ("name", "code", "status"),
    [
        ("ENOSPC", "InsufficientStorage", 507),
        ("EDQUOT", "QuotaExceeded", 403),
        ("EROFS", "MethodNotAllowed", 405),
        ("ENAMETOOLONG", "KeyTooLongError", 400),
        ("EACCES", "AccessDenied", 403),
        ("EIO", "InternalError", 500),
    ],
)
def test_errors(name: str, code: str, status: int) -> None:
    """What the filesystem says is said in S3's words."""
    import errno

    error = translate(OSError(getattr(errno, name), name))
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize("option", [{"unnamed": False}, {"disableotmp": True}])
async def test_without_unnamed_files(tmp_path: Path, option: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no O_TMPFILE large bodies get a name, and leave none."""
    backend = from_options({"path": str(tmp_path), "fsync": False, **option})
    spy = Mock(wraps=os.open)
    monkeypatch.setattr(os, "open", spy)
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "k", "Body": bytes(3_000_000)})
    await backend.close()
    assert not any(call.args[1] & os.O_TMPFILE == os.O_TMPFILE for call in spy.call_args_list)
    assert (tmp_path / "bucket/k").stat().st_size == 3_000_000
    assert os.listdir(tmp_path / "bucket/.sgwtmp") == ["colonnade.locks"]


async def test_dir_perms(tmp_path: Path) -> None:
    """Buckets, directories above an object and directory objects have the mode that was asked for."""
    backend = from_options({"path": str(tmp_path), "fsync": False, "dir_perms": 0o700})
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "above/k", "Body": b"x"})
    await backend.call("PutObject", {"Bucket": "bucket", "Key": "folder/", "Body": b""})
    await backend.close()
    modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in ("bucket", "bucket/above", "bucket/folder")}
    assert set(modes.values()) == {0o700}, modes


@pytest.mark.parametrize("disabled", [False, True])
async def test_disable_copy_file_range(tmp_path: Path, disabled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies and joined parts are as they should be, and the kernel is asked to copy only unless that is disabled."""
    copy, clone = Mock(wraps=os.copy_file_range), Mock(wraps=fcntl.ioctl)
    monkeypatch.setattr(os, "copy_file_range", copy)
    monkeypatch.setattr(fcntl, "ioctl", clone)
    backend = from_options({"path": str(tmp_path), "fsync": False, "disable_copy_file_range": disabled})
    await backend.call("CreateBucket", {"Bucket": "b-1"})
    at = {"Bucket": "b-1", "Key": "joined"}
    body = os.urandom(3_000_000)
    await backend.call("PutObject", {"Bucket": "b-1", "Key": "k", "Body": body})
    source = {"CopySource": {"Bucket": "b-1", "Key": "k"}}
    await backend.call("CopyObject", {"Bucket": "b-1", "Key": "copy", **source})
    upload = {**at, "UploadId": (await backend.call("CreateMultipartUpload", at))["UploadId"]}
    part = await backend.call("UploadPartCopy", {**upload, "PartNumber": 1, **source})
    parts = [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]
    await backend.call("CompleteMultipartUpload", {**upload, "MultipartUpload": {"Parts": parts}})
    await backend.close()
    assert (tmp_path / "b-1/copy").read_bytes() == body == (tmp_path / "b-1/joined").read_bytes()
    assert (copy.called or clone.called) is not disabled
