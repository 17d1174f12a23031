"""Forms taken apart, however they arrive."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from colonnade.body import Body, StreamBody
from colonnade.errors import S3Error
from colonnade.wire import form
from colonnade.wire.request import Request

_BODY = (
    b"a preamble\r\n"
    b'--b \t\r\nContent-Disposition: form-data; name="Key"\r\n\r\na\r\n--c\r\n'
    b"--b\r\nX-Other: 1\r\ncontent-disposition: form-data; name=empty\r\n\r\n\r\n"
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="d/e \xc3\xa9.txt"\r\n\r\n'
    b"\r\n--\r\n--B\r\r\n-\r\n--b\r\n"
    b'Content-Disposition: form-data; name="after"\r\n\r\nx\r\n--b--\r\nan epilogue'
)


def request(content_type: str = "multipart/form-data; boundary=b") -> Request:
    """A POST of a form."""
    return Request("POST", b"/bucket", b"", {"content-type": content_type})


def body(data: bytes, size: int) -> Body:
    """A body that comes in pieces of `size` bytes."""

    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(data), size):
            yield data[at : at + size]

    return StreamBody(pieces())


@pytest.mark.parametrize("size", [*range(1, 40), 10_000])
async def test_any_pieces(size: int) -> None:
    """Fields, file name and file are the same wherever the pieces are cut."""
    got = await form.read(request(), body(_BODY, size))
    assert got.fields == {"key": "a\r\n--c", "empty": ""}
    assert got.filename == "e é.txt"
    assert await got.file.read() == b"\r\n--\r\n--B\r\r\n-"


@pytest.mark.parametrize("end", range(0, _BODY.index(b'\r\n--b\r\nContent-Disposition: form-data; name="after"'), 7))
async def test_cut_anywhere(end: int) -> None:
    """A form that stops before its file's end is never taken for a whole one."""
    with pytest.raises(S3Error, match="MalformedPOSTRequest"):
        await (await form.read(request(), body(_BODY[:end], 64))).file.read()


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("", "PreconditionFailed"),
        ("text/plain; boundary=b", "PreconditionFailed"),
        ("multipart/mixed; boundary=b", "PreconditionFailed"),
        ("multipart/form-data", "MalformedPOSTRequest"),
        ("multipart/form-data; boundary=", "MalformedPOSTRequest"),
        (f"multipart/form-data; boundary={'b' * 71}", "MalformedPOSTRequest"),
    ],
)
async def test_content_types(content_type: str, code: str) -> None:
    """Only a form with a boundary is a form."""
    with pytest.raises(S3Error, match=code):
        await form.read(request(content_type), body(_BODY, 100))


@pytest.mark.parametrize(
    "part",
    [
        b"\r\nvalue",
        b"Content-Type: text/plain\r\n\r\nvalue",
        b"Content-Disposition: attachment; name=x\r\n\r\nvalue",
        b"Content-Disposition: form-data\r\n\r\nvalue",
        b"Content-Disposition: form-data; name=x\r\n\r\n\xff",
        b'Content-Disposition: form-data; name="\xff"\r\n\r\nvalue',
    ],
)
async def test_parts_that_are_no_field(part: bytes) -> None:
    """A part has a name and its value is text."""
    with pytest.raises(S3Error, match="MalformedPOSTRequest"):
        await form.read(request(), body(b"--b\r\n" + part + b"\r\n--b--\r\n", 100))


@pytest.mark.parametrize(
    ("given", "filename"),
    [
        ('filename="a;b.txt"', "a;b.txt"),
        ("filename*=UTF-8''%C3%A9", "é"),
        ("filename*=no-such-charset''a", "a"),
        ('filename=""', ""),
        ('name2="x"', ""),
        ('filename="C:\\dir\\a.txt"', "a.txt"),
        ('filename="%22quoted%22"', "%22quoted%22"),  # browsers write so; what was meant can't be known
    ],
)
async def test_file_names(given: str, filename: str) -> None:
    """What comes before the last slash of either kind is left out."""
    head = f'--b\r\nContent-Disposition: form-data; name="file"; {given}\r\n\r\nx\r\n--b--\r\n'
    assert (await form.read(request(), body(head.encode(), 100))).filename == filename


async def test_a_field_twice() -> None:
    """Which of two would count? Neither."""
    part = b"--b\r\nContent-Disposition: form-data; name=key\r\n\r\nx\r\n"
    with pytest.raises(S3Error, match="InvalidArgument"):
        await form.read(request(), body(part * 2 + b"--b--\r\n", 100))


@pytest.mark.parametrize("start", [b"", b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n", b"--b\r\nX: "])
async def test_fields_are_bounded(start: bytes) -> None:
    """Whatever stands before the file, no more than 20 KB of it is kept."""
    with pytest.raises(S3Error, match="MaxPostPreDataLengthExceededError"):
        await form.read(request(), body(start + b"x" * 10_000_000, 4096))
