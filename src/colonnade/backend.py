"""The one waist: everything that stores is a Backend, everything in front of one is a Layer.

A backend is an async object whose public methods are those of boto3's S3 client: same names, same
arguments, same answers. Callers reach them through :meth:`Backend.call`, so that an operation nobody
implements is answered in one place and a layer can stand before all of them at once.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from colonnade.errors import S3Error
from colonnade.rules import unserved

Arguments: TypeAlias = dict[str, Any]
Answer: TypeAlias = dict[str, Any]
Method: TypeAlias = Callable[..., Awaitable[Answer]]


@functools.cache
def method_name(operation: str) -> str:
    """The boto3 method of an S3 operation: ``ListObjectsV2`` is ``list_objects_v2``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()


class Backend:
    """Stores buckets and objects.

    A subclass writes one coroutine method for each S3 operation it has, named and shaped as boto3's:
    keyword arguments in S3's words, a plain dict back, :class:`~colonnade.errors.S3Error` when refused.
    What it has not is answered NotImplemented by :meth:`call`.
    """

    #: Finer gaps than a missing method, each with its reason: ``{"ListObjectsV2.FetchOwner": "no owners here"}``.
    gaps: Mapping[str, str] = {}

    #: Whether owners of buckets are accounts of the gateway.
    owners: bool = False

    #: Whether objects have owners and ACLs here, in terms of the gateway's own accounts.
    object_acls: bool = False

    #: Whether answers to GetObject and HeadObject have an AccessControlPolicy, as GetObjectAcl would answer, where it
    #: isn't the bucket owner's own.
    tells_acls: bool = False

    async def start(self) -> None:
        """Make ready to serve, once in every worker process, before the first call."""

    async def close(self) -> None:
        """Let go of what `start` took. No call comes after it."""

    async def ready(self) -> Answer:
        """Whether it can serve just now: ``{"read": True, "write": True}``, and what else is known of it."""
        return {"read": True, "write": True}

    async def stamp(self, bucket: str) -> object:
        """What equals an earlier stamp only if nothing kept with the bucket has changed since, by whomever.

        Cheap to ask; None where that can't be told.
        """
        return None

    def has(self, operation: str) -> bool:
        """Whether this backend has the operation at all."""
        return hasattr(self, method_name(operation))

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Carry out one S3 operation.

        `operation` is S3's name (``GetObject``), `arguments` boto3's keyword arguments, the answer boto3's
        answer without ResponseMetadata. Raises S3Error, NotImplemented where there is no such method and for
        arguments about encryption: a backend that knows them overrides this.
        """
        method: Method | None = getattr(self, method_name(operation), None)
        if method is None:
            raise S3Error("NotImplemented")
        unserved.refuse(arguments)
        return await method(**arguments)


class Layer(Backend):
    """Stands in front of a backend and is one.

    A layer over everything overrides `call`; a layer over one operation writes that method, and reaches
    what lies behind it with ``self.inner.call``. Nothing is forwarded by hand.
    """

    def __init__(self, inner: Backend) -> None:
        self.inner = inner
        self.owners = inner.owners
        self.object_acls = inner.object_acls
        self.tells_acls = inner.tells_acls

    async def start(self) -> None:
        """Start what lies behind."""
        await self.inner.start()

    async def close(self) -> None:
        """Close what lies behind."""
        await self.inner.close()

    async def ready(self) -> Answer:
        """What lies behind says so."""
        return await self.inner.ready()

    async def stamp(self, bucket: str) -> object:
        """What lies behind says so."""
        return await self.inner.stamp(bucket)

    def has(self, operation: str) -> bool:
        """Whether this layer or what lies behind it has the operation."""
        return super().has(operation) or self.inner.has(operation)

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Use the layer's own method if it has one, else the inner backend's."""
        method: Method | None = getattr(self, method_name(operation), None)
        if method is None:
            return await self.inner.call(operation, arguments)
        return await method(**arguments)
