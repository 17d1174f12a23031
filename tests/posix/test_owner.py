"""Whose a bucket is, when root's key is made anew at every start."""

from __future__ import annotations

from pathlib import Path

import pytest

from colonnade import context
from colonnade.backends import load
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
