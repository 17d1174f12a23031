"""The one table and the one door through which an OSError becomes S3's."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from colonnade.errors import S3Error

#: errno -> (code, status unless the code's own)
_CODES: dict[int, str] = {
    errno.ENOSPC: "InsufficientStorage",
    errno.EDQUOT: "QuotaExceeded",
    errno.EROFS: "MethodNotAllowed",
    errno.ENAMETOOLONG: "KeyTooLongError",
    errno.EACCES: "AccessDenied",
    errno.EPERM: "AccessDenied",
    errno.EXDEV: "AccessDenied",  # openat2: a symlink leads out of the served directory
    errno.ELOOP: "AccessDenied",
    errno.EMFILE: "SlowDown",
    errno.ENFILE: "SlowDown",
    errno.ENOMEM: "SlowDown",
    errno.EFBIG: "EntityTooLarge",
}

#: What says that nothing readable is at a path: missing, below a file, or behind a symlink that leads out.
ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EXDEV, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO})

#: What a filesystem says when attributes don't fit it; a full disk says it as well.
NO_ROOM = frozenset({errno.ENOSPC, errno.E2BIG, errno.ERANGE, errno.EDQUOT})


def translate(error: OSError, **fields: Any) -> S3Error:
    """S3's error for one of the filesystem's."""
    return S3Error(_CODES.get(error.errno or 0, "InternalError"), **fields)


@contextmanager
def os_errors(**fields: Any) -> Iterator[None]:
    """Raise S3Error from any OSError inside; `fields` go into the error document."""
    try:
        yield
    except OSError as error:
        raise translate(error, **fields) from error
