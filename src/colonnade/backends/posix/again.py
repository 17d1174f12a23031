"""Reading an object that was read before, in one call: what its attributes say is remembered, a small body comes along.

Only the plainest: whatever is out of the ordinary in any way is left to `found`, which reads all of them.
"""

from __future__ import annotations

from colonnade.backends.posix import names
from colonnade.backends.posix.found import Found
from colonnade.backends.posix.glance import Glance
from colonnade.backends.posix.tree import Tree

#: Attributes of what has versions.
_OF_VERSIONS = ("version-id", "delete-marker")


class Again:
    """Looks for objects of one tree."""

    def __init__(self, tree: Tree, glance: Glance | None = None) -> None:
        self._root = tree.root
        self._states = tree.states
        self._glance = glance or Glance()
        plain = tree.store.in_inode and tree.versions is None
        self._able = plain and tree.root.openat2 and self._glance.compiled

    def find(self, bucket: str, key: str, *, body: bool) -> Found | None:
        """The object, closed already, with all of its bytes if `body` says so; None for one that isn't known.

        Raises S3Error for names that can be nobody's.
        """
        where = names.find(bucket, key)
        if not self._able or where.directory:
            return None
        read = self._glance.read(self._root.fd, where.path, body=body)
        state = self._states.known(read[0]) if read is not None else None
        if read is None or state is None or not state.attributes.keys().isdisjoint(_OF_VERSIONS):
            return None
        return Found(-1, where.path, state, read[1])
