"""A server with several accounts, and a client for each."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

import colonnade.testing
from colonnade.backends import load
from colonnade.iam.accounts import Account, Accounts, Role

ROLES = {"root": Role.ADMIN, "admin": Role.ADMIN, "owner": Role.USERPLUS, "alice": Role.USER, "bob": Role.USER}

_count = itertools.count()


class Known(Accounts):
    """A store of accounts whose secrets are their names."""

    root = Account("root", "root", Role.ADMIN, root=True)

    async def get(self, access: str) -> Account | None:
        """One of `ROLES`."""
        role = ROLES.get(access)
        return Account(access, access, role, root=access == "root") if role else None


@pytest.fixture(scope="session", params=["memory", "posix"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Any]]:
    """A client by the name of its account; anonymous is nobody."""
    place: Path = tmp_path_factory.mktemp("access")
    options = {"path": str(place), "fsync": False} if request.param == "posix" else {}
    with colonnade.testing.server(load(request.param, options), accounts=Known()) as running:
        made: dict[str, Any] = {}

        def of(name: str) -> Any:
            if name not in made:
                signing = {"signature_version": UNSIGNED if name == "anonymous" else "s3v4"}
                config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **signing)
                keys = {"aws_access_key_id": name, "aws_secret_access_key": name}
                made[name] = boto3.client("s3", **{**running.boto3, **keys}, config=config)
            return made[name]

        yield of


@pytest.fixture
def bucket(client: Callable[[str], Any]) -> str:
    """The owner's, with one object, where ACLs count."""
    name = f"bucket-{next(_count)}"
    client("owner").create_bucket(Bucket=name, ObjectOwnership="ObjectWriter")
    client("owner").put_object(Bucket=name, Key="k", Body=b"x", Tagging="class=open")
    return name
