"""Reads fall back to the next layer, and a 404 is a statement about all of them."""

from __future__ import annotations

import pytest

from colonnade import context
from colonnade.multi import Member, Overlay, Role
from tests.multi.shelf import Shelf, Tower

READS = ["GetObject", "HeadObject", "GetObjectTagging"]
FAULTS = ["refuse", "hang", "error"]


@pytest.fixture
def tower() -> Tower:
    """Two layers: the lower one has an old object."""
    tower = Tower("top", "low")
    tower.store("top", "b", new="new")
    tower.store("low", "b", old="old", new="stale")
    return tower


@pytest.mark.parametrize("operation", READS)
async def test_missing_above_is_found_below(tower: Tower, operation: str) -> None:
    """Every kind of read falls back when the primary lacks the key, and says who answered."""
    assert await tower.code(operation, Bucket="b", Key="old") == ""
    assert context.served_by() == "low"


async def test_the_upper_layer_wins(tower: Tower) -> None:
    """A key is what the first layer that knows it says it is."""
    assert await tower.read("b", "new") == b"new"
    assert context.served_by() == "top"


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_failing_primary_is_passed_over(tower: Tower, operation: str, fault: str) -> None:
    """With the primary down objects come from below, and the answer says that they may be stale."""
    tower.faults["top"].fault = fault
    assert await tower.code(operation, Bucket="b", Key="old") == ""
    assert context.served_by() == "low; stale"


@pytest.mark.parametrize("operation", READS)
async def test_stale_reads_can_be_refused(operation: str) -> None:
    """Who can't live with stale answers gets 503 while the primary is down."""
    tower = Tower("top", "low", stale=False)
    tower.store("low", "b", old="old")
    tower.faults["top"].fault = "refuse"
    assert await tower.code(operation, Bucket="b", Key="old") == "ServiceUnavailable"


@pytest.mark.parametrize("operation", READS)
async def test_absent_everywhere_is_absent(tower: Tower, operation: str) -> None:
    """When every layer says no such key, so does the overlay."""
    assert await tower.code(operation, Bucket="b", Key="none") == "NoSuchKey"


@pytest.mark.parametrize("operation", READS)
async def test_a_bucket_nobody_has(tower: Tower, operation: str) -> None:
    """NoSuchBucket is said when every layer said so."""
    assert await tower.code(operation, Bucket="none", Key="k") == "NoSuchBucket"


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("layer", ["top", "low"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_no_404_while_a_layer_is_silent(tower: Tower, operation: str, layer: str, fault: str) -> None:
    """A layer that could not be asked turns "no such key" into 503."""
    tower.faults[layer].fault = fault
    assert await tower.code(operation, Bucket="b", Key="none") == "ServiceUnavailable"


async def test_forbidden_below_is_no_answer(tower: Tower) -> None:
    """A lower layer's 403 is about our credentials, so it is 503 rather than 404 or 403."""
    tower.faults["low"].fault = "forbidden"
    assert await tower.code("HeadObject", Bucket="b", Key="old") == "ServiceUnavailable"


async def test_forbidden_by_the_primary_is_its_word(tower: Tower) -> None:
    """The primary's 403 is not got round by asking below."""
    tower.faults["top"].fault = "forbidden"
    assert await tower.code("HeadObject", Bucket="b", Key="old") == "AccessDenied"


async def test_a_layer_that_may_be_missed(tower: Tower) -> None:
    """A silent layer that may be missed doesn't stand in the way of a 404."""
    tower.members[1].may_be_missed = True
    tower.faults["low"].fault = "refuse"
    assert await tower.code("HeadObject", Bucket="b", Key="none") == "NoSuchKey"


async def test_nobody_could_be_asked() -> None:
    """Layers that may be missed can't all be missed."""
    tower = Tower("top", "low")
    for member in tower.members:
        member.may_be_missed = True
        tower.faults[member.name].fault = "refuse"
    assert await tower.code("HeadObject", Bucket="b", Key="k") == "ServiceUnavailable"


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"IfMatch": '"no"'}, "PreconditionFailed"),
        ({"IfNoneMatch": "*"}, "NotModified"),
        ({"Range": "bytes=9-"}, "InvalidRange"),
    ],
)
async def test_conditions_are_the_layers_that_has_the_key(tower: Tower, condition: dict[str, str], code: str) -> None:
    """412, 304 and 416 from the layer that has the key are answers, not reasons to go on."""
    assert await tower.code("GetObject", Bucket="b", Key="old", **condition) == code


async def test_a_hit_above_asks_nobody_below(tower: Tower) -> None:
    """What the primary has costs one call to the primary."""
    await tower.read("b", "new")
    assert (tower.shelves["top"].calls, tower.shelves["low"].calls) == (["GetObject"], [])


async def test_versions_come_from_where_they_were_issued() -> None:
    """A version id is looked for in every layer, whatever the ones above make of it."""
    tower = Tower("top", "low")
    tower.store("top", "b", k="new")
    tower.shelves["low"].buckets["b"] = {}
    tower.shelves["low"].versioned.add("b")
    version = (await tower.shelves["low"].put_object("b", "k", b"old"))["VersionId"]
    assert await tower.read("b", "k", VersionId=version) == b"old"


@pytest.mark.parametrize("operation", ["NoSuchOperation", "CreateSession"])
async def test_what_is_not_in_the_table(tower: Tower, operation: str) -> None:
    """An operation the overlay doesn't know is closed, even if a member had it."""
    assert await tower.code(operation, Bucket="b") == "NotImplemented"


@pytest.mark.parametrize("roles", [[], [Role.FALLBACK], [Role.PRIMARY, Role.PRIMARY]])
def test_exactly_one_primary(roles: list[Role]) -> None:
    """An overlay needs one primary, first."""
    with pytest.raises(ValueError, match="primary"):
        Overlay([Member(f"m{at}", Shelf(), role) for at, role in enumerate(roles)])


@pytest.mark.parametrize("may_be_missed", [False, True])
async def test_a_layer_in_the_middle_is_down(may_be_missed: bool) -> None:
    """What lies below it may be outdated: it is refused, and nothing done with it, unless the layer may be missed."""
    tower = Tower("top", "mid", "low", stale=False)
    tower.put("mid", "b", {"k": b"new"})
    tower.put("low", "b", {"k": b"old"})
    tower.members[1].may_be_missed = may_be_missed
    tower.faults["mid"].fault = "refuse"
    etag = tower.shelves["low"].thing("b", "k").etag
    codes = [
        await tower.code("GetObject", Bucket="b", Key="k"),
        await tower.code("PutObjectTagging", Bucket="b", Key="k", Tagging={"TagSet": []}),
        await tower.code("CopyObject", Bucket="b", Key="copy", CopySource="b/k"),
        await tower.code("PutObject", Bucket="b", Key="k", Body=b"", IfMatch=etag),
    ]
    assert codes == ([""] * 4 if may_be_missed else ["ServiceUnavailable"] * 4)
