"""Byte ranges: which bytes a Range header asks for."""

from __future__ import annotations

import re

from colonnade.errors import S3Error

# More digits than any object's size has are no range.
_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]{0,19})\s*-\s*([0-9]{0,19})\s*", re.ASCII | re.IGNORECASE)
_COPY = re.compile(r"bytes=([0-9]{1,19})-([0-9]{1,19})", re.ASCII)


def parse(header: str | None, size: int) -> tuple[int, int] | None:
    """(offset, length) of what is asked of `size` bytes, None for all of it.

    A header that makes no sense, and one with several ranges, which S3 has not, is ignored (RFC 9110 §14.2).
    Raises InvalidRange where no byte is in range.
    """
    found = _RANGE.fullmatch(header) if header else None
    if found is None:
        return None
    first, last = found.groups()
    if first:
        offset, end = int(first), int(last) + 1 if last else size
        if end <= offset and last:
            return None
    elif last:
        offset, end = max(0, size - int(last)), size
    else:
        return None
    end = min(end, size)
    if offset >= end:
        raise S3Error(
            "InvalidRange",
            "The requested range is not satisfiable",
            RangeRequested=header,
            ActualObjectSize=str(size),
        )
    return offset, end - offset


def content_range(offset: int, length: int, size: int) -> str:
    """The Content-Range header of an answer with these bytes."""
    return f"bytes {offset}-{offset + length - 1}/{size}"


def parse_copy(header: str | None, size: int) -> tuple[int, int]:
    """(offset, length) of UploadPartCopy's CopySourceRange; all of it without one.

    Only ``bytes=first-last`` will do, and both must lie in the source. Raises InvalidArgument.
    """
    if header is None:
        return 0, size
    found = _COPY.fullmatch(header)
    first, last = map(int, found.groups()) if found else (1, 0)
    if first > last:
        raise _wrong(
            header,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are "
            "the zero-based offsets of the first and last bytes to copy",
        )
    if last >= size:
        raise _wrong(header, f"Range specified is not valid for source object of size: {size}")
    return first, last - first + 1


def _wrong(header: str, message: str) -> S3Error:
    return S3Error("InvalidArgument", message, ArgumentName="x-amz-copy-source-range", ArgumentValue=header)
