"""The one table and the one door through which an OSError becomes S3's."""

from __future__ import annotations

import errno
from types import TracebackType
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


class os_errors:  # noqa: N801 (read as a word of the language, as contextlib's are)
    """Raise S3Error from any OSError inside; `fields` go into the error document.

    A class, for it stands around every request: a generator's context costs three times as much.
    """

    __slots__ = ("fields",)

    def __init__(self, **fields: Any) -> None:
        self.fields = fields

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if isinstance(error, OSError):
            raise translate(error, **self.fields) from error
