"""Several backends as one: the parts put together, and which of them each operation belongs to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from colonnade.backend import Answer, Arguments, Backend
from colonnade.errors import S3Error
from colonnade.multi import health, policies, routes, tombstones
from colonnade.multi.board import Board
from colonnade.multi.buckets import Buckets
from colonnade.multi.copies import Copies
from colonnade.multi.deletes import Deletes
from colonnade.multi.health import Watch
from colonnade.multi.layers import Layers
from colonnade.multi.listing import Listing
from colonnade.multi.markers import Markers, refuse_reserved, reserved
from colonnade.multi.members import Member, Role
from colonnade.multi.policies.base import DeletePolicy, WritePolicy
from colonnade.multi.queue import Queue
from colonnade.multi.reads import Reads
from colonnade.multi.replicas import Replicas
from colonnade.multi.rounds import Rounds
from colonnade.multi.sweep import Sweep
from colonnade.multi.tombstones import Tombstones
from colonnade.multi.turn import Turn
from colonnade.multi.veil import Veil
from colonnade.multi.versions import Versions
from colonnade.multi.writes import Writes
from colonnade.rules import copysource, unserved

#: When a write is done, and what a delete does: the names of the policies.
Writing = Literal["primary", "all", "async"]
Deleting = Literal["marker", "all", "primary"]

Handler = Callable[[str, Arguments], Awaitable[Answer]]


class Overlay(Backend):
    """A primary over lower layers, as one backend.

    `members` come in order, the primary first. `stale` says whether objects are served from below while the
    primary can't be asked, though they may have been changed or deleted since. `system_bucket` is a bucket of
    the primary that remembers which buckets of the lower layers are deleted; clients don't see it. `write` and
    `delete` name policies, `queue` is the file that remembers what replicas lack. About every `tidy` seconds one
    of the workers takes away markers that hide nothing; `board` is what they tell each other by. Raises ValueError
    for what can't be together.
    """

    def __init__(
        self,
        members: Sequence[Member],
        *,
        stale: bool = True,
        system_bucket: str = tombstones.BUCKET,
        write: Writing = "primary",
        delete: Deleting = "marker",
        queue: str | os.PathLike[str] | None = None,
        tidy: float = 3600.0,
        board: Board | None = None,
    ) -> None:
        self.layers = Layers(members)
        primary = self.layers.primary
        self.gaps = {
            **primary.backend.gaps,
        }
        self.owners, self.object_acls = primary.backend.owners, primary.backend.object_acls
        self.veil = Veil(Markers(primary), Tombstones(primary, system_bucket))
        self.reads = Reads(self.layers, self.veil, stale=stale)
        self.replicas = self._replicas(write, delete, queue)
        self.writes = Writes(self.layers, self.veil, self.reads, self._write_policy(write))
        self.listing = Listing(self.layers, self.veil.tombstones)
        self.versions = Versions(self.layers, self.veil)
        self.buckets = Buckets(self.layers, self.veil, self.writes, self.listing, stale=stale)
        self.copies = Copies(self.reads, self.writes)
        self.deletes = Deletes(self.layers, self.reads, self.writes, self._delete_policy(delete))
        self.watch = Watch(self.layers.all)
        self.stale, self.write = stale, write
        self.sweep = Sweep(self.layers, self.veil, self.replicas.queue if self.replicas is not None else None)
        self.rounds = Rounds(self.sweep, tidy, board.turn() if board is not None else Turn())
        self.board = board
        self.handlers = self._handlers()

    async def start(self) -> None:
        """Start every member; one that can't be started now counts as one that can't be asked."""
        row = self.board.join() if self.board is not None else None
        if row is not None:
            for member in self.layers.all:
                member.counters.join(row)
        await asyncio.gather(*(member.start() for member in self.layers.all))
        if self.replicas is not None:
            await self.replicas.start()
        self.watch.start()
        self.rounds.start()

    async def close(self) -> None:
        """Close every member, whatever the others say to it."""
        await self.watch.close()
        await self.rounds.close()
        if self.replicas is not None:
            await self.replicas.close()
        results = await asyncio.gather(*(member.close() for member in self.layers.all), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def ready(self) -> Answer:
        """Whether reads and writes can be served, and how each member is, as this worker knows it."""
        said = health.ready(self.layers, stale=self.stale, every=self.write == "all")
        if self.replicas is not None:
            depths = await self.replicas.queue.depths()
            # Anybody may ask: what an error says (hosts, paths) is for the command line alone.
            said["queue"] = [{"replica": depth.replica, "keys": depth.keys, "since": depth.since} for depth in depths]
        return said

    async def stamp(self, bucket: str) -> object:
        """The primary's: what belongs to a bucket is its alone."""
        return await self.layers.primary.backend.stamp(bucket)

    def has(self, operation: str) -> bool:
        """Whether the overlay knows the operation and its primary has it."""
        return operation in self.handlers and self.layers.primary.backend.has(operation)

    async def call(self, operation: str, arguments: Arguments) -> Answer:
        """Carry out one operation, with our own keys and bucket out of the client's reach."""
        handler = self.handlers.get(operation)
        if handler is None:
            raise S3Error("NotImplemented", status=501)
        unserved.refuse(arguments)  # they would hold for some of the members, not for all
        if arguments.get("Bucket") == self.veil.tombstones.bucket:
            self.veil.tombstones.refuse(arguments["Bucket"])
        key = arguments.get("Key")
        if key is not None and reserved(key):
            refuse_reserved(key, writes=not operation.startswith(("Get", "Head", "List")))
        if "CopySource" in arguments:
            self.veil.tombstones.refuse(copysource.parse(arguments["CopySource"])["Bucket"])
        return await handler(operation, arguments)

    def _replicas(self, write: Writing, delete: Deleting, queue: str | os.PathLike[str] | None) -> Replicas | None:
        members = [member for member in self.layers.lower if member.role is Role.REPLICA]
        if bool(members) is (write == "primary"):
            raise ValueError("replicas need the write policy all or async, and these need a replica")
        if not members and delete != "all":
            return None
        if queue is None:
            raise ValueError("what replicas lack, and what is deleted everywhere, needs a queue: the path of a file")
        fallbacks = [member for member in self.layers.lower if member.role is Role.FALLBACK]
        return Replicas(self.layers.primary, members, fallbacks, Queue(queue), self._settled)

    def _write_policy(self, write: Writing) -> WritePolicy:
        if self.replicas is None or write == "primary":
            return policies.Primary(self.layers.primary)
        return policies.Every(self.replicas) if write == "all" else policies.Queued(self.replicas)

    def _delete_policy(self, delete: Deleting) -> DeletePolicy:
        if delete == "primary":
            return policies.Upper()
        if delete == "all" and self.replicas is not None:
            return policies.Everywhere(self.layers, self.veil, self.writes, self.replicas)
        return policies.Marker(self.layers, self.veil, self.writes)

    async def _settled(self, bucket: str, key: str) -> None:
        """A key or bucket was brought in line: if it is gone everywhere, what hid it has nothing left to hide."""
        await (self.sweep.key(bucket, key) if key else self.sweep.bucket(bucket))

    def _handlers(self) -> dict[str, Handler]:
        return {
            **dict.fromkeys(routes.OBJECT_READS, self.reads.read),
            **dict.fromkeys(routes.OBJECT_CHANGES, self.copies.change),
            **dict.fromkeys(routes.BUCKET_READS, self.buckets.read),
            **dict.fromkeys(routes.BUCKET_CHANGES, self.writes.change),
            **dict.fromkeys(routes.UPLOADS, self.writes.plain),
            "GetObject": self.reads.get,
            "GetObjectAcl": self.reads.acl,
            "PutObject": self.writes.create,
            "CreateMultipartUpload": self.writes.create,
            "CompleteMultipartUpload": self.writes.create,
            "CopyObject": self.copies.copy_object,
            "UploadPartCopy": self.copies.upload_part_copy,
            "DeleteObject": self.deletes.one,
            "DeleteObjects": self.deletes.many,
            "ListObjects": self.listing.v1,
            "ListObjectsV2": self.listing.v2,
            "ListObjectVersions": self.versions.page,
            "ListBuckets": self.buckets.list,
            "HeadBucket": self.buckets.head,
            "CreateBucket": self.buckets.create,
            "DeleteBucket": self.buckets.delete,
        }
