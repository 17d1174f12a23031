"""Directory objects: a key that ends in a slash is a directory that carries attributes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from colonnade.backend import Answer
from colonnade.backends.posix import owners, parents, properties
from colonnade.backends.posix.names import Where
from colonnade.backends.posix.owners import Owner
from colonnade.backends.posix.paths import DIRECTORY
from colonnade.backends.posix.tree import Check, Tree, close
from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.rules.checksums import Ingest


async def put(
    tree: Tree, where: Where, attributes: Mapping[str, bytes], ingest: Ingest, body: Body, check: Check | None
) -> Answer:
    """PutObject of a key that ends in a slash.

    Raises DirectoryObjectContainsData, for a directory has no bytes, ObjectParentIsFile.
    """
    async for piece in body:
        if piece:
            raise contains_data(where)
    sums = ingest.finish(body.trailers)
    kept = {**attributes, **properties.of_sums(sums.etag, sums.checksum)}
    kept["content-type"] = properties.DIRECTORY_TYPE.encode()
    # What makes it an object comes last.
    kept["etag"] = kept.pop("etag")
    owner = owners.of_caller(tree.options)
    publish = partial(_publish, tree, where, kept, check, owner)
    await tree.flushed(await tree.locks.holding(where.bucket, where.path, publish, close))
    return {"ETag": sums.etag, **sums.answer()}


def contains_data(where: Where) -> S3Error:
    """The refusal of bytes under a key that ends in a slash."""
    return S3Error(
        "DirectoryObjectContainsData",
        "A key that ends in a slash is a directory here, which can't hold data.",
        status=400,
        Key=where.key,
    )


def _publish(tree: Tree, where: Where, kept: Mapping[str, bytes], check: Check | None, owner: Owner) -> list[int]:
    changed: list[int] = []
    try:
        while True:
            outer = parents.enter(tree.root, where, changed, tree.options.dir_perms, owner)
            changed.append(outer)
            if check is not None:
                check(tree.current(where))
            tree.check_unlocked(where)
            try:
                with suppress(FileExistsError):
                    os.mkdir(where.name, tree.options.dir_perms, dir_fd=outer)
                    owner.give(where.name, outer)
                fd = os.open(where.name, DIRECTORY | os.O_NOFOLLOW, dir_fd=outer)
            except FileNotFoundError:  # removed with its last object, by someone who deletes
                os.close(changed.pop())
                continue
            except NotADirectoryError:
                raise parents.is_file(where) from None
            changed.append(fd)
            old = tree.store.read(fd, where.bucket, where.path)
            drop = [name for name in old if name not in kept]
            tree.store.change(fd, where, where.path, kept, drop, durable=False)
            if os.fstat(fd).st_nlink:
                return changed
            close(changed)
            changed.clear()
    except BaseException:
        close(changed)
        raise
