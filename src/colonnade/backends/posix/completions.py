"""Completions that ended without an answer: what they made, and what becomes of the upload.

Who completes an upload renames it first and holds its lock. One whose completer died, or was cancelled, is given back
to be completed again, unless the object that it was to become is there already. Other gateways on the directory claim
by renaming alone: whether their completer lives can't be told, and what they do may take hours.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Sequence
from contextlib import suppress

from colonnade.backend import Answer
from colonnade.backends.posix import names, properties, uploads
from colonnade.backends.posix.found import found
from colonnade.backends.posix.names import TMP, Where
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.backends.posix.tree import Tree
from colonnade.backends.posix.uploads import CLAIMED, MULTIPART, Upload
from colonnade.errors import S3Error
from colonnade.rules import ulid
from colonnade.rules.checksums import Checksum
from colonnade.rules.versions import NULL

#: In a claimed upload of ours: nobody holding the claim's lock means that its completer is dead.
_OURS = "colonnade.claim"

#: Ends the name that a claim of ours has on its way from the upload's and back, and that others give to none. Only
#: there the mark comes and goes: whoever dies at it leaves none where another gateway's claim would be taken for ours.
_ON_ITS_WAY = f".colonnade{CLAIMED}"

#: Seconds after which the completer of another gateway's claim is taken for dead: joining 5 TiB takes hours.
STALE = 24 * 3600


def answer(where: Where, etag: str, checksum: Checksum | None) -> Answer:
    """What CompleteMultipartUpload says of an object, but for its version."""
    told: Answer = {"Bucket": where.bucket, "Key": where.key, "ETag": etag}
    return told | (checksum.answer() if checksum else {})


def made(tree: Tree, where: Where, upload_id: str) -> Answer | None:
    """The answer to a completion that was carried out: by what it made, current or an older version.

    None if nothing made by it is there. Raises NoSuchBucket.
    """
    older: Sequence[str] = tree.versions.ids(where) if tree.versions is not None else ()
    began = uploads.milliseconds(upload_id)
    for version in (None, *older):
        if version not in (None, NULL) and ulid.milliseconds(version) < began:
            continue  # it was there before
        naming = {"Bucket": where.bucket, "Key": where.key} | ({"VersionId": version} if version else {})
        try:
            with found(tree, naming) as thing:
                if properties.upload_of(thing.attributes) == upload_id:
                    told = answer(where, thing.etag, properties.checksum_of(thing.attributes))
                    return told | ({"VersionId": thing.version} if thing.version else {})
        except S3Error as error:
            if error.code == "NoSuchBucket":
                raise
    return None


class TakenError(Exception):
    """Another gateway, which asks for no lock, was first to claim an upload."""


def claim(tree: Tree, upload: Upload, claimed: str) -> None:
    """Rename an upload whose lock is held: from now on it can only be completed. Raises TakenError."""
    between = _on_its_way(claimed)
    try:
        uploads.rename(tree, upload.path, between)
    except FileNotFoundError as error:
        raise TakenError from error
    try:
        os.close(os.open(_OURS, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644, dir_fd=upload.fd))
        uploads.rename(tree, between, claimed)
    except BaseException:
        _disown(upload.fd)
        uploads.rename(tree, between, upload.path)
        raise


def _on_its_way(claimed: str) -> str:
    return claimed if claimed.endswith(_ON_ITS_WAY) else claimed.removesuffix(CLAIMED) + _ON_ITS_WAY


def is_ours(fd: int) -> bool:
    """Whether we have claimed an open upload."""
    try:
        os.stat(_OURS, dir_fd=fd)
    except FileNotFoundError:
        return False
    return True


def _disown(fd: int) -> None:
    with suppress(FileNotFoundError):
        os.unlink(_OURS, dir_fd=fd)


def under_way(tree: Tree, where: Where, upload_id: str) -> bool:
    """Whether an upload was claimed just now; one whose claim nobody holds is given back."""
    directory = uploads.key_directory(where)
    try:
        there = os.listdir(tree.root.at(directory))
    except FileNotFoundError:
        return False
    claims = [name for name in there if name.startswith(f"{upload_id}.") and name.endswith(CLAIMED)]
    for name in claims:
        _take_over(tree, where, f"{directory}/{name}")
    return bool(claims)


def recover(tree: Tree, bucket: str) -> None:
    """Give back the uploads of a bucket whose completion died."""
    top = f"{bucket}/{TMP}/{MULTIPART}"
    if tree.root.linked(bucket, MULTIPART):
        return
    with suppress(FileNotFoundError), os.scandir(tree.root.at(top)) as keys:
        for key in keys:
            claims = [name for name in os.listdir(key.path) if name.endswith(CLAIMED)]
            told = tree.store.get(key.path, uploads.KEY) if claims else None
            if told is None:
                continue
            with suppress(S3Error, UnicodeDecodeError):  # of keys that can't be here
                where = names.place(bucket, told.decode())
                for name in claims:
                    _take_over(tree, where, f"{top}/{key.name}/{name}")


def _take_over(tree: Tree, where: Where, claimed: str) -> None:
    """Give an upload back if nobody holds its claim."""
    with suppress(FileNotFoundError, BlockingIOError):
        fd = os.open(tree.root.at(claimed), DIRECTORY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if claimed.endswith(_ON_ITS_WAY) or _abandoned(fd):
                give_back(tree, where, claimed)
        finally:
            os.close(fd)


def _abandoned(fd: int) -> bool:
    """Whether the completer of a claim, whose lock we hold, is dead."""
    status = os.fstat(fd)
    # Renaming moves the change time, as far as the filesystem keeps one.
    return is_ours(fd) or time.time() - max(status.st_ctime, status.st_mtime) >= STALE


def give_back(tree: Tree, where: Where, claimed: str) -> None:
    """Make a claimed upload one that can be completed, or remove it if it has become the object. Hold its claim."""
    directory, _, name = claimed.rpartition("/")
    upload_id = name.partition(".")[0]
    if made(tree, where, upload_id) is None:
        fd = os.open(tree.root.at(claimed), DIRECTORY)
        try:
            between = _on_its_way(claimed)
            if between != claimed:
                uploads.rename(tree, claimed, between)
            _disown(fd)
            uploads.rename(tree, between, f"{directory}/{upload_id}")
        finally:
            os.close(fd)
    else:
        uploads.discard(tree, where.bucket, claimed)
