"""What can be said about a served directory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from colonnade.backends.posix import versionstore
from colonnade.errors import S3Error


@dataclass(frozen=True, slots=True)
class Options:
    """`path` is the directory to serve; without `fsync` a 200 does not wait for the disk.

    `region` is what new buckets may name as their location; `strict_bucket_names` holds new buckets to all of
    S3's rules; without `unnamed`, or with `disableotmp`, no
    O_TMPFILE is used. `mp_max_parts` is the highest part number,
    `copy_object_threshold` the largest source of one copy in bytes; `block_public_access` gives new buckets a
    public access block. `versioning_dir` is where older versions of objects are kept; without one there are none.
    Multipart uploads that nobody wrote to for `expire_uploads` seconds are cleared away; 0 is never.
    Attributes are kept as files below `sidecar` if that is given, not at all with `nometa`.
    `default_etag` is the ETag of files that carry none; with `data_integrity_etag` ETags are made of checksums,
    not of MD5s.
    With `chuid` and `chgid` what is made belongs to the account that asks, on disk too; with `bucketlinks` links to
    directories are buckets. `io_buffer_size` is how many bytes are read or written at a time, 0 our own choice; with
    `enable_odirect` past the page cache.
    `threads` says whether operations run in threads of their own, at most `concurrency` at a time: always, never, or
    auto: where the filesystem is not a local one, or has been slow. There they are given up once nothing moves for
    `stall_timeout` seconds.
    `dir_perms` is the mode, less the umask, of new buckets and directories. With `disable_copy_file_range`
    files are copied through memory.
    """

    path: str
    fsync: bool = True
    region: str = "us-east-1"
    strict_bucket_names: bool = True
    unnamed: bool = True
    disableotmp: bool = False
    dir_perms: int = 0o755
    disable_copy_file_range: bool = False
    mp_max_parts: int = 10_000
    copy_object_threshold: int = 5 * 1024**3
    block_public_access: bool = False
    versioning_dir: str = ""
    expire_uploads: int = 0
    sidecar: str = ""
    nometa: bool = False
    default_etag: str = ""
    data_integrity_etag: bool = False
    chuid: bool = False
    chgid: bool = False
    bucketlinks: bool = False
    io_buffer_size: int = 0
    enable_odirect: bool = False
    threads: str = "auto"
    concurrency: int = 256
    stall_timeout: float = 30.0

    def check_copy(self, size: int) -> None:
        """Raise InvalidRequest for a source of `size` bytes that is too large to be copied at once."""
        if size > self.copy_object_threshold:
            raise S3Error(
                "InvalidRequest",
                "The specified copy source is larger than the maximum allowable size for a copy source: "
                f"{self.copy_object_threshold}",
            )


def parse(given: Mapping[str, Any]) -> Options:
    """Options out of a configuration. Raises ValueError naming what is wrong and what is allowed."""
    known = {field.name: field for field in fields(Options)}
    given = {name: value for name, value in given.items() if value is not None}
    for name, value in given.items():
        if name not in known:
            raise ValueError(f"posix: unknown option {name!r}; allowed are {', '.join(sorted(known))}")
        wanted = str if name == "path" else type(known[name].default)
        if not isinstance(value, wanted) and not (wanted is str and isinstance(value, os.PathLike)):
            raise ValueError(f"posix: option {name!r} must be of type {wanted.__name__}, not {value!r}")
    if not given.get("path"):
        raise ValueError("posix: option 'path' is missing: the directory to serve")
    if given.get("threads", "auto") not in ("auto", "always", "never"):
        raise ValueError(f"posix: option 'threads' must be auto, always or never, not {given['threads']!r}")
    path = os.fspath(given["path"])
    if not os.path.isdir(path):
        what = "is not a directory" if os.path.exists(path) else "does not exist; make it first"
        raise ValueError(f"posix: path {path!r} {what}")
    sidecar = os.path.abspath(given["sidecar"]) if given.get("sidecar") else ""
    if sidecar:
        _check_sidecar(sidecar, path)
    if given.get("nometa") and (sidecar or given.get("versioning_dir")):
        other = "sidecar" if sidecar else "versioning-dir"
        raise ValueError(f"posix: nometa and {other} exclude each other: one keeps nothing, the other needs attributes")
    versions = os.path.abspath(given["versioning_dir"]) if given.get("versioning_dir") else ""
    if versions:
        versionstore.check(versions, path)
    places = {"path": path, "versioning_dir": versions, "sidecar": sidecar}
    return Options(**{**given, **places, "io_buffer_size": max(0, given.get("io_buffer_size", 0))})


def _check_sidecar(path: str, served: str) -> None:
    """Raise ValueError for a directory that can't keep the attributes of what is served from another."""
    if not os.path.isdir(path):
        raise ValueError(f"posix: sidecar {path!r} is not a directory; make it first")
    ours, theirs = os.path.realpath(path), os.path.realpath(served)
    if f"{ours}/".startswith(f"{theirs}/") or theirs.startswith(f"{ours}/"):
        raise ValueError(f"posix: sidecar {path!r} must lie outside of {served!r}, and not around it")
    if not os.access(ours, os.W_OK | os.X_OK):
        raise ValueError(f"posix: sidecar {path!r} can't be written to")
