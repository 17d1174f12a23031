"""Changing what is kept beside an object's body, while nobody else changes or replaces the object."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from colonnade.backends.posix import names
from colonnade.backends.posix.errors import os_errors
from colonnade.backends.posix.found import Found, found
from colonnade.backends.posix.tree import Tree

#: An object -> attributes to set, or with None to drop. Raises S3Error.
Decide: TypeAlias = Callable[[Found], Mapping[str, bytes | None]]


async def change(tree: Tree, arguments: Mapping[str, Any], decide: Decide) -> str:
    """Change attributes of the object that Bucket, Key and VersionId name, and return when that is on disk.

    Returns its version's id, empty in a bucket that never kept versions. Raises S3Error.
    """
    where = names.find(arguments["Bucket"], arguments["Key"])
    tree.check_keeps()

    def carry_out() -> tuple[str, int]:
        with found(tree, arguments) as thing:
            wanted = decide(thing)
            values = {name: value for name, value in wanted.items() if value is not None}
            drop = [name for name, value in wanted.items() if value is None and name in thing.attributes]
            tree.store.change(thing.fd, where, thing.path, values, drop, durable=False)
            return thing.version, thing.take()

    with os_errors(Key=where.key):
        tree.bucket(where.bucket)
        version, fd = await tree.locks.holding(where.bucket, where.path, carry_out, lambda done: os.close(done[1]))
        try:
            if tree.options.fsync:
                await tree.sync.files([fd])
        finally:
            os.close(fd)
    return version
