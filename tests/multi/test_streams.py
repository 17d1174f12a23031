"""A body is begun before it is answered, resumed from another layer if it breaks, or cut."""

from __future__ import annotations

import pytest

from colonnade.errors import S3Error
from tests.multi.shelf import Tower

DATA = b"0123456789abcdef"


@pytest.fixture
def tower() -> Tower:
    """Two layers with the same object."""
    tower = Tower("top", "low")
    tower.store("top", "b", k=DATA)
    tower.store("low", "b", k=DATA)
    return tower


async def test_a_broken_first_byte_falls_back(tower: Tower) -> None:
    """A layer that gives no first byte has not answered."""
    tower.store("low", "b", k="other")
    tower.faults["top"].fault = "first"
    assert await tower.read("b", "k") == b"other"


@pytest.mark.parametrize(("asked", "expected"), [(None, DATA), ("bytes=2-13", DATA[2:14]), ("bytes=-9", DATA[-9:])])
async def test_a_later_break_is_resumed(tower: Tower, asked: str | None, expected: bytes) -> None:
    """The same object in another layer goes on where the first one stopped, ranges too."""
    tower.faults["top"].fault = "later"
    assert await tower.read("b", "k", **({"Range": asked} if asked else {})) == expected


async def test_a_different_object_is_not_spliced_in(tower: Tower) -> None:
    """If no layer has the very same object, the break reaches the client."""
    tower.store("low", "b", k="ABCDEFGHIJKLMNOP")
    tower.faults["top"].fault = "later"
    with pytest.raises(S3Error, match="ServiceUnavailable"):
        await tower.read("b", "k")


async def test_all_layers_break(tower: Tower) -> None:
    """When the layer that went on breaks as well, nobody is asked twice."""
    tower.faults["top"].fault = tower.faults["low"].fault = "later"
    with pytest.raises(S3Error, match="ServiceUnavailable"):
        await tower.read("b", "k")
    assert tower.shelves["low"].calls == ["GetObject"]


async def test_no_first_byte_anywhere(tower: Tower) -> None:
    """503 before the head is sent, when no layer gives a byte."""
    tower.faults["top"].fault = tower.faults["low"].fault = "first"
    assert await tower.code("GetObject", Bucket="b", Key="k") == "ServiceUnavailable"


async def test_an_empty_object(tower: Tower) -> None:
    """No bytes at all is a whole answer."""
    tower.store("top", "b", k="")
    assert await tower.read("b", "k") == b""
