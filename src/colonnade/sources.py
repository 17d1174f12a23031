"""The source of a copy, held to what was judged: by the time it is read it may be another object, with other tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from colonnade.backend import Arguments, Backend
from colonnade.errors import S3Error
from colonnade.rules import conditions
from colonnade.rules.unserved import UNSERVED

#: How often a source is judged that is another each time.
TRIES = 5

#: What opens an encrypted source, by header, for a look at it.
_KEYS: Mapping[str, str] = {
    UNSERVED[f"CopySource{name}"].lower(): name
    for name in ("SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5")
}


@dataclass(frozen=True, slots=True)
class Source:
    """What a source was before it was judged; without `last_modified` there was none, and no object has its `etag`."""

    etag: str
    last_modified: datetime | None = None


ABSENT = Source('"absent"')


async def look(backend: Backend, source: Mapping[str, str], headers: Mapping[str, str]) -> Source:
    """What a source is now, `headers` being those of the request to copy it. Raises what the backend raises."""
    keys = {name: headers[header] for header, name in _KEYS.items() if header in headers}
    try:
        found = await backend.call("HeadObject", {**source, **keys})
    except S3Error as error:
        if error.status not in (404, 405):
            raise
        return ABSENT
    return Source(found["ETag"], found["LastModified"])


def held_to(source: Source, arguments: Arguments) -> Arguments:
    """The arguments of a copy that copies nothing else. Raises PreconditionFailed where its own conditions fail."""
    if source.last_modified is not None:
        conditions.check_copy_source(arguments, source.etag, source.last_modified)
    return {**arguments, "CopySourceIfMatch": source.etag}
