"""Whose a bucket is, when root's key is made anew at every start."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from colonnade import context
from colonnade.backends import load
from colonnade.backends.posix import PosixBackend
from colonnade.errors import S3Error
from colonnade.iam.accounts import Account, Role


@pytest.mark.parametrize(("root", "code"), [(True, "BucketAlreadyOwnedByYou"), (False, "BucketAlreadyExists")])
async def test_a_bucket_made_under_another_key(tmp_path: Path, root: bool, code: str) -> None:
    """Root made it, whatever its key was then; anybody else is told that the name is taken."""
    backend = load("posix", {"path": str(tmp_path), "fsync": False})
    context.set_caller(Account("first", "secret", Role.ADMIN, root=True))
    await backend.call("CreateBucket", {"Bucket": "bucket"})
    context.set_caller(Account("second", "secret", Role.USERPLUS, root=root))
    with pytest.raises(S3Error, match=f"^{code}:"):
        await backend.call("CreateBucket", {"Bucket": "bucket"})
    await backend.close()


async def test_an_object_s_acl_is_kept_only_where_it_says_something(root: Path, backend: PosixBackend) -> None:
    """One attribute more costs every write; what is the bucket owner's alone needs none."""
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    await backend.call("PutBucketOwnershipControls", {"Bucket": "bucket", "OwnershipControls": rules})
    for key, acl in (("plain", "private"), ("open", "public-read")):
        await backend.call("PutObject", {"Bucket": "bucket", "Key": key, "ACL": acl})
    assert "user.colonnade.acl" not in os.listxattr(root / "bucket" / "plain")
    kept = json.loads(os.getxattr(root / "bucket" / "open", "user.colonnade.acl"))
    assert kept["Grantees"][1] == {"Permission": "READ", "Access": "all-users", "Type": "Group"}
