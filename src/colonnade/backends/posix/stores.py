"""Which metadata store a directory is served with."""

from __future__ import annotations

from colonnade.backends.posix.meta import Store
from colonnade.backends.posix.nometa import Nothing
from colonnade.backends.posix.options import Options
from colonnade.backends.posix.paths import Root
from colonnade.backends.posix.sidecar import Sidecar
from colonnade.backends.posix.xattrs import Xattrs


def store(options: Options, root: Root) -> Store:
    """The store that the options ask for."""
    if options.sidecar:
        return Sidecar(root, options.sidecar, options.versioning_dir, options.fsync)
    if options.nometa:
        return Nothing(root, options.fsync)
    return Xattrs(root)
