"""Copies and changes of what exists only below."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from colonnade.body import as_body
from tests.multi.shelf import Tower

TAGS = [{"Key": "a b", "Value": "c+d=e"}]
SOURCE = {"Bucket": "b", "Key": "old"}


@pytest.fixture
def tower() -> Tower:
    """An object below, with metadata and tags."""
    tower = Tower("top", "low")
    tower.store("top", "b", new="new")
    tower.store("low", "b", old="0123456789")
    tower.shelves["low"].thing("b", "old").tags = TAGS
    return tower


async def test_copied_out_of_below(tower: Tower) -> None:
    """Body, metadata and tags come along."""
    answer = await tower.call("CopyObject", Bucket="b", Key="copy", CopySource=SOURCE)
    thing = tower.shelves["top"].thing("b", "copy")
    assert (thing.data, thing.properties, thing.tags) == (b"0123456789", {"Metadata": {"of": "low"}}, TAGS)
    assert answer["CopyObjectResult"]["ETag"] == thing.etag


async def test_directives(tower: Tower) -> None:
    """REPLACE takes metadata and tags from the request."""
    more: dict[str, Any] = {
        "MetadataDirective": "REPLACE",
        "TaggingDirective": "REPLACE",
        "Metadata": {"m": "1"},
        "Tagging": "t=1",
    }
    await tower.call("CopyObject", Bucket="b", Key="old", CopySource="b/old", **more)
    thing = tower.shelves["top"].thing("b", "old")
    assert (thing.data, thing.properties) == (b"0123456789", {"Metadata": {"m": "1"}})
    assert thing.tags == [{"Key": "t", "Value": "1"}]


async def test_tags_that_a_copy_does_not_set(tower: Tower) -> None:
    """Without the directive those of the request don't count, also where the source has none."""
    tower.shelves["low"].thing("b", "old").tags = []
    await tower.call("CopyObject", Bucket="b", Key="copy", CopySource=SOURCE, Tagging="t=1")
    assert tower.shelves["top"].thing("b", "copy").tags == []


async def test_within_the_primary(tower: Tower) -> None:
    """A source that the primary has is copied there, in one call."""
    await tower.call("CopyObject", Bucket="b", Key="copy", CopySource={"Bucket": "b", "Key": "new"})
    assert "GetObject" not in tower.shelves["top"].calls
    assert await tower.read("b", "copy") == b"new"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"CopySource": {"Bucket": "b", "Key": "none"}}, "NoSuchKey"),
        ({"CopySource": {"Bucket": "none", "Key": "k"}}, "NoSuchBucket"),
        ({"CopySource": {"Bucket": "b", "Key": ".colonnade/x"}}, "NoSuchKey"),
        ({"CopySourceIfMatch": '"no"'}, "PreconditionFailed"),
        ({"CopySourceIfNoneMatch": "*"}, "PreconditionFailed"),
        ({"Key": "old"}, "InvalidRequest"),
        ({"Bucket": "none"}, "NoSuchBucket"),
    ],
)
async def test_refusals(tower: Tower, more: dict[str, Any], code: str) -> None:
    """What S3 refuses of a copy is refused from below too."""
    arguments: dict[str, Any] = {"Bucket": "b", "Key": "copy", "CopySource": SOURCE}
    assert await tower.code("CopyObject", **(arguments | more)) == code


async def test_a_deleted_source(tower: Tower) -> None:
    """What is deleted can't be copied."""
    await tower.call("DeleteObject", **SOURCE)
    assert await tower.code("CopyObject", Bucket="b", Key="copy", CopySource=SOURCE) == "NoSuchKey"


async def test_a_silent_layer(tower: Tower) -> None:
    """With the layer of the source down it is 503."""
    tower.faults["low"].fault = "refuse"
    assert await tower.code("CopyObject", Bucket="b", Key="copy", CopySource=SOURCE) == "ServiceUnavailable"


@pytest.mark.parametrize(("asked", "data"), [({}, b"0123456789"), ({"CopySourceRange": "bytes=2-5"}, b"2345")])
async def test_parts(tower: Tower, asked: dict[str, str], data: bytes) -> None:
    """A part can be copied from below, whole or a range."""
    upload = (await tower.call("CreateMultipartUpload", Bucket="b", Key="big"))["UploadId"]
    await tower.call("UploadPartCopy", Bucket="b", Key="big", UploadId=upload, PartNumber=1, CopySource=SOURCE, **asked)
    assert tower.shelves["top"].uploads[upload] == {1: data}


async def test_a_change_copies_up(tower: Tower) -> None:
    """Tagging what is only below copies it up whole first, once however many do it."""
    new = {"TagSet": [{"Key": "new", "Value": "1"}]}
    await asyncio.gather(*(tower.call("PutObjectTagging", **SOURCE, Tagging=new) for _ in range(4)))
    thing = tower.shelves["top"].thing("b", "old")
    assert (thing.data, thing.properties, thing.tags) == (b"0123456789", {"Metadata": {"of": "low"}}, new["TagSet"])
    assert tower.shelves["top"].calls.count("PutObject") == 1
    assert tower.shelves["low"].thing("b", "old").tags == TAGS


async def test_a_change_of_nothing(tower: Tower) -> None:
    """What isn't there can't be tagged."""
    assert await tower.code("PutObjectTagging", Bucket="b", Key="none", Tagging={"TagSet": []}) == "NoSuchKey"


async def test_a_delete_during_copy_up_wins(tower: Tower) -> None:
    """A marker that appears while an object is copied up is not undone by the copy."""
    put = tower.shelves["top"].put_object

    async def deleted_meanwhile(Bucket: str, Key: str, Body: Any = b"", **more: Any) -> Any:
        if Key == "old":
            await tower.overlay.veil.markers.write("b", "old")
        return await put(Bucket, Key, as_body(Body), **more)

    tower.shelves["top"].put_object = deleted_meanwhile  # type: ignore[method-assign]
    assert await tower.code("PutObjectTagging", **SOURCE, Tagging={"TagSet": []}) == "NoSuchKey"
    assert await tower.code("HeadObject", **SOURCE) == "NoSuchKey"


@pytest.mark.parametrize(
    ("operation", "more"), [("CopyObject", {}), ("UploadPartCopy", {"UploadId": "u", "PartNumber": 1})]
)
async def test_our_own_bucket_is_no_source(tower: Tower, operation: str, more: dict[str, Any]) -> None:
    """What remembers the deleted buckets is no more visible as a source than otherwise."""
    tower.store("top", "colonnade-system", secret="s")
    source = {"Bucket": "colonnade-system", "Key": "secret"}
    assert await tower.code(operation, Bucket="b", Key="copy", CopySource=source, **more) == "NoSuchBucket"
    assert "copy" not in tower.shelves["top"].bucket("b")
