"""Whether an answer is an S3 service's own word: proxies, portals and web servers on the way answer pages.

A page taken for a listing would be an empty one, and one taken for a 404 would say that an object is gone: a sync
tool acts on both.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from colonnade.backend import Answer
from colonnade.backends.s3.failure import UnreachableError

#: Answers that always carry the object's ETag.
_TAGGED = frozenset({"GetObject", "HeadObject", "PutObject", "UploadPart"})

_PAGE = re.compile(rb"\s*<(!doctype\s+html|html)[\s>]", re.IGNORECASE)


def check_answer(operation: str, answer: Answer, body: bytes) -> None:
    """Raises UnreachableError for a good status that no S3 service gave."""
    if _PAGE.match(body) or (operation in _TAGGED and "ETag" not in answer):
        raise UnreachableError("answered what is not S3")


def check_absence(headers: Mapping[str, str], body: bytes) -> None:
    """Raises UnreachableError for a 404 that is a web server's page. That of a HEAD is only announced."""
    announced = headers.get("content-type", "").startswith("text/html") and headers.get("content-length", "0") != "0"
    if _PAGE.match(body) or (announced and b"<Error" not in body):
        raise UnreachableError("answered what is not S3")
