"""An HTML form's upload (multipart/form-data, RFC 7578) taken apart while it streams.

The fields before the file are read, within S3's bound; the file is handed on as a body, and what follows it is
thrown away, as S3 does.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value

from colonnade.body import Body
from colonnade.errors import S3Error
from colonnade.wire.request import Request

#: S3's bound on everything that stands before the file, in bytes.
MAX_FIELDS = 20 * 1024

#: The longest boundary that RFC 2046 allows.
MAX_BOUNDARY = 70

_FILE = "file"


@dataclass(slots=True)
class Form:
    """The fields of a form by their names in lower case, and its file, nothing of which has been read yet."""

    fields: dict[str, str]
    filename: str
    file: Body


async def read(request: Request, body: Body) -> Form:
    """The form that `body` holds, read up to its file.

    Raises PreconditionFailed for another kind of body, MalformedPOSTRequest, MaxPostPreDataLengthExceededError,
    IncorrectNumberOfFilesInPostRequest.
    """
    parts = _Parts(body, _boundary(request))
    fields: dict[str, str] = {}
    while await parts.next():
        name, filename = await parts.head()
        if name == _FILE:
            return Form(fields, filename.replace("\\", "/").rpartition("/")[2], _File(parts))
        value = await parts.value()
        if name in fields:
            raise S3Error(
                "InvalidArgument",
                f"POST requires exactly one field named {name}.",
                ArgumentName=name,
                ArgumentValue=value,
            )
        fields[name] = value
    raise S3Error("IncorrectNumberOfFilesInPostRequest", ArgumentName=_FILE, ArgumentValue="0")


def _boundary(request: Request) -> bytes:
    kind, parameters = _parameters(request.headers.get("content-type", ""))
    if kind != "multipart/form-data":
        raise S3Error("PreconditionFailed", Condition="Bucket POST must be of the enclosure-type multipart/form-data")
    boundary = parameters.get("boundary", "")
    if not (0 < len(boundary) <= MAX_BOUNDARY and boundary.isascii()):
        raise S3Error("MalformedPOSTRequest")
    return boundary.encode()


def _parameters(text: str) -> tuple[str, Mapping[str, str]]:
    """A header's value in lower case, and its parameters."""
    message = Message()
    message["content-type"] = text
    found = message.get_params([]) or [("", "")]
    return found[0][0].lower(), {name.lower(): collapse_rfc2231_value(value) for name, value in found[1:]}


class _Parts:
    """Reads a multipart body part by part."""

    def __init__(self, body: Body, boundary: bytes) -> None:
        self._pieces = body.__aiter__()
        self._mark = b"\r\n--" + boundary
        self._buffer = b"\r\n"  # the first boundary has no line before it
        self._left = MAX_FIELDS

    async def next(self) -> bool:
        """Go to the next part; False where there is none."""
        await self._until(self._mark)  # a preamble is no field, but counts as one
        end = await self._until(b"\r\n", or_end=b"--")
        if end.strip(b" \t"):
            raise S3Error("MalformedPOSTRequest")
        return not self._ended

    async def head(self) -> tuple[str, str]:
        """The name of a part in lower case, and its file name."""
        lines = [await self._until(b"\r\n")]
        while lines[-1]:
            lines.append(await self._until(b"\r\n"))
        for line in lines:
            name, _, value = line.partition(b":")
            if name.strip().lower() == b"content-disposition":
                return _disposition(value)
        raise S3Error("MalformedPOSTRequest")

    async def value(self) -> str:
        """The text of a part that is a field."""
        data = await self._until(self._mark, keep=True)
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise S3Error("MalformedPOSTRequest") from None

    async def file(self) -> AsyncIterator[bytes]:
        """The bytes of the part that is the file; what follows is read and forgotten."""
        hold = len(self._mark) - 1
        while (at := self._buffer.find(self._mark)) < 0:
            if len(self._buffer) > hold:
                piece, self._buffer = self._buffer[:-hold], self._buffer[-hold:]
                yield piece
            await self._more()
        if at:
            yield self._buffer[:at]
        self._buffer = b""
        async for _ in self._pieces:
            pass

    _ended = False

    async def _until(self, mark: bytes, *, keep: bool = False, or_end: bytes = b"") -> bytes:
        """What stands before `mark`, which is taken too unless it is to be kept."""
        while (at := self._buffer.find(mark)) < 0 or (or_end and len(self._buffer) < len(or_end)):
            if or_end and self._buffer.startswith(or_end):
                break
            if len(self._buffer) > self._left:
                raise S3Error("MaxPostPreDataLengthExceededError")
            await self._more()
        if or_end and self._buffer.startswith(or_end):
            self._ended = True
            return b""
        self._left -= at + len(mark)
        if self._left < 0:
            raise S3Error("MaxPostPreDataLengthExceededError")
        data, self._buffer = self._buffer[:at], self._buffer[at if keep else at + len(mark) :]
        return data

    async def _more(self) -> None:
        try:
            self._buffer += await anext(self._pieces)
        except StopAsyncIteration:
            raise S3Error("MalformedPOSTRequest") from None


def _disposition(value: bytes) -> tuple[str, str]:
    """The name and file name that a Content-Disposition gives. Browsers write both as UTF-8."""
    try:
        kind, parameters = _parameters(value.decode().strip())
    except UnicodeDecodeError:
        raise S3Error("MalformedPOSTRequest") from None
    if kind != "form-data" or "name" not in parameters:
        raise S3Error("MalformedPOSTRequest")
    return parameters["name"].lower(), parameters.get("filename", "")


class _File(Body):
    """The file in a form; how long it is shows only when it ends."""

    def __init__(self, parts: _Parts) -> None:
        super().__init__()
        self._parts = parts

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._parts.file()
