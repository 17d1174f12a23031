"""What a whole gateway refuses when it is told to: --readonly, --disable-acl."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from colonnade.admin.client import AdminClient, RefusedError
from tests.cli.command import Serving, serving
from tests.conformance.raw import refused

ROOT_KEYS = {"ROOT_ACCESS_KEY_ID": "rootaccess", "ROOT_SECRET_ACCESS_KEY": "rootsecret"}
KEY = {"Bucket": "bucket", "Key": "k"}
OWNERSHIP = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
DENIES = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}

#: One of each kind of change.
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("create_bucket", {"Bucket": "new"}),
    ("delete_bucket", {"Bucket": "bucket"}),
    ("put_bucket_policy", {"Bucket": "bucket", "Policy": json.dumps({"Version": "2012-10-17", "Statement": [DENIES]})}),
    ("delete_bucket_cors", {"Bucket": "bucket"}),
    ("put_bucket_ownership_controls", {"Bucket": "bucket", "OwnershipControls": OWNERSHIP}),
    ("put_object", {**KEY, "Body": b"changed"}),
    ("copy_object", {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/k"}),
    ("delete_object", KEY),
    ("delete_objects", {"Bucket": "bucket", "Delete": {"Objects": [{"Key": "k"}]}}),
    ("put_object_tagging", {**KEY, "Tagging": {"TagSet": []}}),
    ("create_multipart_upload", KEY),
]


def state(folder: Path) -> dict[str, tuple[Any, ...]]:
    """All that is below a folder, with what would change if it were touched."""
    paths = [folder, *folder.rglob("*")]
    return {str(path): (path.lstat().st_mtime_ns, path.lstat().st_ctime_ns, os.listxattr(path)) for path in paths}


@pytest.fixture(scope="module")
def readonly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Serving, Path]]:
    """A directory with an object that no gateway made, only to be read."""
    folder = tmp_path_factory.mktemp("readonly")
    (folder / "bucket").mkdir()
    (folder / "bucket" / "k").write_bytes(b"hello")
    with serving("--readonly", "posix", folder, env=ROOT_KEYS) as running:
        yield running, folder


@pytest.mark.parametrize(("method", "arguments"), CHANGES, ids=[method for method, _ in CHANGES])
def test_nothing_is_changed(readonly: tuple[Serving, Path], method: str, arguments: dict[str, Any]) -> None:
    """Not by root either; nor is anything touched on the disk."""
    before = state(readonly[1])
    with refused("AccessDenied", 403):
        getattr(readonly[0].client(), method)(**arguments)
    assert state(readonly[1]) == before


def test_all_is_read(readonly: tuple[Serving, Path]) -> None:
    """Reading goes on, and leaves the disk as it is."""
    before, client = state(readonly[1]), readonly[0].client()
    assert client.get_object(**KEY)["Body"].read() == b"hello"
    assert client.list_objects_v2(Bucket="bucket")["KeyCount"] == 1
    assert client.head_object(**KEY)["ContentLength"] == 5
    assert state(readonly[1]) == before


def test_administrators_may_give_buckets_to_others_and_make_none(tmp_path: Path) -> None:
    """As the compatible gateway has it."""
    (tmp_path / "bucket").mkdir()
    with serving("--readonly", "posix", tmp_path, env=ROOT_KEYS) as running:
        admin = AdminClient(running.url, "rootaccess", "rootsecret")
        admin.send("/change-bucket-owner", {"bucket": "bucket", "owner": "rootaccess"})
        assert admin.rows("/list-buckets") == [{"Name": "bucket", "Owner": "rootaccess"}]
        with pytest.raises(RefusedError, match="AccessDenied"):
            admin.send("/new/create", headers={"x-vgw-owner": "rootaccess"})


@pytest.fixture(scope="module")
def without_acls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A gateway without ACLs."""
    with serving("--disable-acl", "posix", "--no-fsync", tmp_path_factory.mktemp("noacl"), env=ROOT_KEYS) as running:
        yield running


def test_acls_of_new_buckets_are_left_out(without_acls: Serving) -> None:
    """The bucket is made, and is its owner's alone."""
    client = without_acls.client()
    client.create_bucket(Bucket="made", ACL="public-read")
    grants = client.get_bucket_acl(Bucket="made")["Grants"]
    assert [grant["Grantee"]["ID"] for grant in grants] == ["rootaccess"]


def test_acls_can_not_be_set(without_acls: Serving) -> None:
    """Of buckets, whatever their ownership is; nor of objects, but for the one that says nothing."""
    client = without_acls.client()
    client.create_bucket(Bucket="written", ObjectOwnership="ObjectWriter")
    with refused("AccessControlListNotSupported", 400):
        client.put_bucket_acl(Bucket="written", ACL="public-read")
    with refused("AccessControlListNotSupported", 400):
        client.put_object(Bucket="written", Key="k", Body=b"", ACL="public-read")
    client.put_object(Bucket="written", Key="k", Body=b"", ACL="bucket-owner-full-control")


def test_grants_do_not_count(tmp_path: Path) -> None:
    """Those that a bucket has from earlier."""
    words: list[str | Path] = ["posix", "--no-fsync", tmp_path]
    with serving(*words, env=ROOT_KEYS) as before:
        before.client().create_bucket(Bucket="open", ObjectOwnership="ObjectWriter", ACL="public-read")
        before.client().put_object(Bucket="open", Key="k", Body=b"x")
    with serving("--disable-acl", *words, env=ROOT_KEYS) as after:
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(after.url + "/open")
        assert after.client().list_objects_v2(Bucket="open")["KeyCount"] == 1
