"""Which request of the administrator's API does what, and who may send it.

All of them are PATCH requests, so that no bucket's name can stand in their way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias

from colonnade.access import decide
from colonnade.admin import buckets, users
from colonnade.admin.asked import Asked
from colonnade.errors import S3Error
from colonnade.wire.render import Response
from colonnade.wire.signature import Signed

Handler: TypeAlias = Callable[[Asked], Awaitable[Response]]

#: Path -> what it is called in logs, and who carries it out.
ROUTES: Mapping[bytes, tuple[str, Handler]] = {
    b"/create-user": ("CreateUser", users.create),
    b"/update-user": ("UpdateUser", users.update),
    b"/delete-user": ("DeleteUser", users.delete),
    b"/list-users": ("ListUsers", users.listed),
    b"/list-buckets": ("ListBuckets", buckets.listed),
    b"/change-bucket-owner": ("ChangeBucketOwner", buckets.change_owner),
}


def find(path: bytes) -> tuple[str, Handler] | None:
    """What a path stands for, its name and who carries it out; None for nothing."""
    if path.count(b"/") == 2 and path.endswith(b"/create") and len(path) > len(b"//create"):
        return "CreateBucket", buckets.create
    return ROUTES.get(path)


def check(signed: Signed | None) -> Signed:
    """Whether somebody may use it at all, before the body is read. Raises XAdminAccessDenied."""
    if signed is None or signed.kind != "header" or not decide.free(signed.account):
        raise S3Error("XAdminAccessDenied")
    return signed
