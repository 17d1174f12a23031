"""If-Range: a range is of the version that the client has the beginning of, or else all of the current one is sent.

RFC 9110 §13.1.5: browsers, curl and caches go on with a download so. S3 heeds the header, its model doesn't know it,
and so no backend does: whether the version is still the client's is seen in the answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from colonnade.backend import Answer, Arguments
from colonnade.errors import S3Error
from colonnade.wire import times
from colonnade.wire.request import Request

#: Reads an object, or its head.
Read = Callable[[Arguments], Awaitable[Answer]]


async def read(carry_out: Read, request: Request, arguments: Arguments) -> Answer:
    """The range, or the whole object if it isn't the version that is meant. Raises what `carry_out` raises."""
    validator = request.headers["if-range"]
    whole = {name: value for name, value in arguments.items() if name != "Range"}
    try:
        answer = await carry_out(arguments)
    except S3Error as error:
        if error.status != 416:
            raise
        # Of another version it may well be: that the range is none of this one is no error then.
        answer = await carry_out(whole)
        if _same(answer, validator):
            await _close(answer)
            raise
        return answer
    if "ContentRange" not in answer or _same(answer, validator):
        return answer
    await _close(answer)
    return await carry_out(whole)


def _same(answer: Mapping[str, Any], validator: str) -> bool:
    """Whether a validator is the answer's: its ETag, not a weak one, or its Last-Modified to the second."""
    validator = validator.strip()
    if validator.startswith(("W/", '"')):
        return bool(validator == answer.get("ETag"))
    modified = answer.get("LastModified")
    try:
        return modified is not None and times.http(times.parse(validator)) == times.http(modified)
    except ValueError:
        return False


async def _close(answer: Mapping[str, Any]) -> None:
    if "Body" in answer:
        await answer["Body"].aclose()
