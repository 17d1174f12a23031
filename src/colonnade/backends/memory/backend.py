"""The memory backend, put together from its rooms."""

from __future__ import annotations

from colonnade.backends.memory.bucketconfig import BucketConfigurations
from colonnade.backends.memory.buckets import Buckets
from colonnade.backends.memory.copying import Copying
from colonnade.backends.memory.deleting import Deleting
from colonnade.backends.memory.expiry import Expiring
from colonnade.backends.memory.listing import Listing
from colonnade.backends.memory.locking import Locking
from colonnade.backends.memory.multipart import Multipart
from colonnade.backends.memory.objectacl import ObjectAcls
from colonnade.backends.memory.reading import Reading
from colonnade.backends.memory.tagging import Tagging
from colonnade.backends.memory.writing import Writing


class MemoryBackend(
    Buckets,
    BucketConfigurations,
    Reading,
    Writing,
    Copying,
    Deleting,
    Listing,
    Multipart,
    Expiring,
    Tagging,
    Locking,
    ObjectAcls,
):
    """Buckets and objects in dicts. One event loop at a time; every worker process has its own."""

    owners = True
    object_acls = True
    tells_acls = True
