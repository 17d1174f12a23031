"""What listings say of a page of files column by column is what they say of each of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from colonnade.backends.posix import alike, from_options
from colonnade.backends.posix.glance import Glance, Glimpse
from colonnade.rules.pages import Entry

SUMS = b'{"Algorithm":"%s","Type":"FULL_OBJECT","%s":"AAAAAA=="}'
CRC32, CRC64 = SUMS % (b"CRC32", b"CRC32"), SUMS % (b"CRC64NVME", b"CRC64NVME")

Change = Callable[[str], object]


def _to_a_directory(path: str) -> None:
    os.unlink(path)
    os.mkdir(path)
    os.setxattr(path, "user.etag", b'"d"')


def _to_a_link(path: str) -> None:
    os.rename(path, f"{path}x")
    os.symlink(f"{path}x", path)


CHANGES: dict[str, Change] = {
    "nothing": lambda path: None,
    "no ETag": lambda path: os.removexattr(path, "user.etag"),
    "an empty ETag": lambda path: os.setxattr(path, "user.etag", b""),
    "a longer ETag": lambda path: os.setxattr(path, "user.etag", b'"%s-2"' % (b"a" * 32)),
    "a very long ETag": lambda path: os.setxattr(path, "user.etag", b'"%s"' % (b"a" * 100)),
    "no checksum": lambda path: os.removexattr(path, "user.checksums"),
    "another checksum": lambda path: os.setxattr(path, "user.checksums", CRC32),
    "a checksum in another form": lambda path: os.setxattr(path, "user.checksums", b'{"Type":"COMPOSITE"}'),
    "a directory": _to_a_directory,
    "a link": _to_a_link,
    "gone": os.unlink,
}


@pytest.mark.parametrize("at", [0, 5, 9])
@pytest.mark.parametrize("change", CHANGES)
async def test_the_same_lines(root: Path, monkeypatch: pytest.MonkeyPatch, change: str, at: int) -> None:
    """Whatever one of the files is, where it is, and whether they are told for the first time."""
    (root / "bucket").mkdir()
    for number in range(10):
        path = root / f"bucket/k{number}"
        path.write_bytes(b"x" * number)
        os.setxattr(path, "user.etag", b'"%s"' % (b"%d" % number * 32))
        os.setxattr(path, "user.checksums", CRC64)
    CHANGES[change](str(root / f"bucket/k{at}"))
    told, found = [], []
    at_once = alike.lines

    def recorded(rows: Sequence[Glimpse], head: bytes, said: Entry) -> list[alike.Line] | None:
        found.append(at_once(rows, head, said))
        return found[-1]

    for lines in (recorded, lambda *_: None):
        monkeypatch.setattr(alike, "lines", lines)
        backend = from_options({"path": str(root)})
        await backend.start()
        told += [await backend.call("ListObjectsV2", {"Bucket": "bucket"}) for _ in range(2)]
        await backend.close()
    assert change != "nothing" or any(found) or not Glance().compiled
    assert all(page == told[0] for page in told)
    assert len(told[0]["Contents"]) == (9 if change == "gone" else 11 if change == "a link" else 10)
